/**
 * Workflow code of another version: a copy of the sources with one place changed. For tests of what survives a
 * deploy.
 */
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './source-imports.ts';

/** Bundles `workflows` and `contract` with `from` replaced by `to` in `file`, a path such as `contract/render-body.ts`.
 *  Throws where `from` is not there: the test would prove nothing. For a worker's `temporal: { workflowBundle }`. */
export async function bundleAltered(file: string, from: string, to: string): Promise<WorkflowBundle> {
  const folder = mkdtempSync(join(tmpdir(), 'altered-workflows-'));
  try {
    for (const name of ['workflows', 'contract']) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const source = readFileSync(join(folder, file), 'utf8');
    if (!source.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)} to alter`);
    writeFileSync(join(folder, file), source.replace(from, to));
    const workflowsPath = join(folder, 'workflows/index.ts');
    return await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

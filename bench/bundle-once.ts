/** The workflow code of a bench with several workers, bundled once. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Closers } from '../test/support/run-script.ts';
import { bundleOnce } from '../test/support/shared-server.ts';

/** Workers of a stage, and those of child processes that ask for it, take the bundle from TEST_WORKFLOW_BUNDLE. */
export async function bundleForWorkers(closers: Closers): Promise<void> {
  const path = await bundleOnce();
  process.env['TEST_WORKFLOW_BUNDLE'] = path;
  closers.push(async () => rmSync(dirname(path), { recursive: true, force: true }));
}

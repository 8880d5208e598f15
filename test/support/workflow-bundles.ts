/** The workflow code, bundled once for all workers of a test run as workers bundle it (worker/workflow-code.ts). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { ENCODED_FAILURES_PATH } from '../../codec/encrypted-data-converter.ts';
import { preloadedModules } from '../../worker/preloaded-modules.ts';
import { oncePerRun } from './once-per-run.ts';

/** For a worker's option `workflowBundle`. */
export type BundleOnDisk = { readonly codePath: string };

/** Of workers that add nothing to workflow code. */
export function plainBundle(): Promise<BundleOnDisk> {
  return bundled('plain-bundle');
}

/** Of workers that encrypt failures. */
export function encryptingBundle(): Promise<BundleOnDisk> {
  return bundled('encrypting-bundle', ENCODED_FAILURES_PATH);
}

async function bundled(name: string, failureConverterPath?: string): Promise<BundleOnDisk> {
  const folder = await oncePerRun(name, async (made) => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: require.resolve('../../workflows/index.ts'),
      preloadModules: preloadedModules(),
      ...(failureConverterPath !== undefined && { failureConverterPath }),
      logger: new DefaultLogger('WARN'),
    });
    writeFileSync(join(made, 'workflow-bundle.js'), code);
  });
  return { codePath: join(folder, 'workflow-bundle.js') };
}

/** Which workflow code a worker of ours loads: a bundle the package brings, where the installed SDK is the one that made it
 *  (the SDK demands that) and the host adds nothing that is compiled into workflow code; else the sources, bundled at start.
 *  Prebuilt starts four times faster in a third less memory. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import type { WorkerOptions } from '@temporalio/worker';
import { ENCODED_FAILURES_PATH } from '../codec/encrypted-data-converter.ts';

/** Written by scripts/bundle-workflows.mjs beside the compiled code. */
const DIST = join(__dirname, '..');
const BUNDLE_FACTS = join(DIST, 'workflow-bundle.json');

/** `workflowBundle` or `workflowsPath`, for `Worker.create` with the host's own options. */
export function workflowCode(
  workflowsPath: string,
  host: Partial<WorkerOptions>,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const bundle = hasWorkflowCode(host) ? undefined : bundleWith(host.dataConverter ?? {});
  return bundle !== undefined && existsSync(bundle) && bundledWith() === installedSdk()
    ? { workflowBundle: { codePath: bundle } }
    : { workflowsPath };
}

/** Interceptors, bundler options and plugins may bring workflow code, which the SDK passes over beside a bundle. */
function hasWorkflowCode({ interceptors, bundlerOptions, plugins }: Partial<WorkerOptions>): boolean {
  const modules = interceptors?.workflowModules?.length ?? 0;
  return modules > 0 || bundlerOptions !== undefined || (plugins?.length ?? 0) > 0;
}

/** So are converters, of which the package brings a bundle each. */
function bundleWith({ payloadConverterPath, failureConverterPath }: DataConverter): string | undefined {
  if (payloadConverterPath !== undefined) return undefined;
  if (failureConverterPath === undefined) return join(DIST, 'workflow-bundle.js');
  return failureConverterPath === ENCODED_FAILURES_PATH ? join(DIST, 'workflow-bundle-encrypted.js') : undefined;
}

function bundledWith(): string | undefined {
  return versionIn(BUNDLE_FACTS);
}

function installedSdk(): string | undefined {
  return versionIn(require.resolve('@temporalio/worker/package.json'));
}

function versionIn(path: string): string | undefined {
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: string };
  return version;
}

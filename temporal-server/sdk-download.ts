/**
 * The SDK's own download of the Temporal CLI or the time-skipping server, into our cache folder.
 *
 * `@temporalio/testing` offers it, but a shipped package must not depend on that. `@temporalio/worker` has the same
 * download inside (`Runtime.createEphemeralServer`), and a worker's machine has it installed.
 * It runs in a child process for two reasons: it cannot be cancelled, and it would install the `Runtime` of our own
 * process before `main.ts` does. It also starts the server, within 5 s that a busy machine can miss. That does not
 * matter, because we only take the file that it leaves.
 */
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedPath, isExecutable, keepInCache } from './program-cache.ts';
import { telling } from './run-command.ts';
import type { Env } from './env.ts';
import { foreignEnv } from './foreign-env.ts';

/** The SDK's download did not bring the program. */
export class SdkDownloadError extends Error {
  readonly code = 'SDK_DOWNLOAD';
  readonly reason: string;
  constructor(reason: string) {
    super(`the Temporal SDK's download failed: ${reason}`);
    this.name = 'SdkDownloadError';
    this.reason = reason;
  }
}

/** `temporal`: the CLI with its development server. `temporal-test-server`: the time-skipping one. */
export type SdkProgram = 'temporal' | 'temporal-test-server';

// 20 s without a new byte. A machine without a network passes this step soon, a slow line gets the time it needs.
const STALLED_AFTER_MS = 20_000;
const LOOK_EVERY_MS = 500;

// The child: argv = module path, folder, program, SDK version. Plain JavaScript, because Node 20 runs no TypeScript.
const CHILD = `
const [worker, downloadDir, program, sdkVersion] = process.argv.slice(1);
const { Runtime } = require(worker);
const exe = { type: 'cached-download', downloadDir, version: 'default', ttl: 86400000,
  sdkName: 'sdk-typescript', sdkVersion };
const dev = { type: 'dev-server', exe, namespace: 'default', ip: '127.0.0.1', port: null, uiPort: null,
  dbFilename: null, ui: false, log: { format: 'pretty', level: 'error' }, extraArgs: [] };
const runtime = Runtime.instance();
runtime.createEphemeralServer(program === 'temporal' ? dev : { type: 'time-skipping', exe, port: null, extraArgs: [] })
  .then((server) => runtime.shutdownEphemeralServer(server))
  .then(() => process.exit(0), (error) => { console.error('Error: ' + error.message); process.exit(1); });
`;

/** Where the SDK's download of this program is kept; undefined when `@temporalio/worker` is not installed. */
export function sdkCachedPath(program: SdkProgram, env: Env): string | undefined {
  const version = sdkVersion();
  return version === undefined ? undefined : cachedPath(env, program, `sdk-${version}`);
}

/** Path of the program; the SDK downloads it if the cache folder lacks it. Rejects with SdkDownloadError. */
export async function downloadWithSdk(
  program: SdkProgram,
  options: { readonly env: Env; readonly onProgress: (line: string) => void; readonly stalledAfterMs?: number },
): Promise<string> {
  const path = sdkCachedPath(program, options.env);
  if (path === undefined) throw new SdkDownloadError('@temporalio/worker is not installed');
  if (isExecutable(path)) return path;
  options.onProgress(`downloading ${program} from temporal.download (about 50 MB, once; kept in ${path})`);
  try {
    return await keepInCache(options.env, path, async (folder) => {
      const said = await runChild(program, folder, options.env, options.stalledAfterMs ?? STALLED_AFTER_MS);
      const file = await wholeFile(folder);
      if (file === undefined) throw new SdkDownloadError(said);
      return file;
    });
  } catch (error) {
    if (error instanceof SdkDownloadError) throw error;
    throw new SdkDownloadError(`the cache folder cannot be used: ${(error as Error).message}`);
  }
}

function sdkVersion(): string | undefined {
  try {
    return (require('@temporalio/worker/package.json') as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** Runs the child until it ends or stalls. Resolves with the reason it gave. */
function runChild(program: SdkProgram, folder: string, env: Env, stalledAfterMs: number): Promise<string> {
  return new Promise((resolve) => {
    const args = ['-e', CHILD, require.resolve('@temporalio/worker'), folder, program, sdkVersion() ?? ''];
    const child = spawn(process.execPath, args, { env: foreignEnv(env), stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    let bytes = 0;
    let progressAt = Date.now();
    child.stderr.on('data', (chunk: Buffer) => (stderr = `${stderr}${chunk.toString()}`.slice(-MAX_STDERR_CHARS)));
    const look = async (): Promise<void> => {
      const now = await bytesIn(folder);
      if (now !== bytes) progressAt = Date.now();
      bytes = now;
      if (Date.now() - progressAt > stalledAfterMs) child.kill('SIGKILL');
    };
    const looking = setInterval(() => void look(), LOOK_EVERY_MS);
    const end = (reason: string): void => {
      clearInterval(looking);
      resolve(reason);
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (_code, signal) =>
      end(signal === null ? shortened(telling(stderr)) : `nothing came for ${stalledAfterMs / 1000} s`),
    );
  });
}

/** The SDK's message begins with the whole URL, twice; the host is enough. Cut first and in linear time: a server may
 *  send any message, and 72 KB of one took 6 s. */
export function shortened(reason: string): string {
  const parts = reason
    .slice(0, MAX_REASON_CHARS)
    .replace(/^Error: (Failed to start ephemeral server: )?/, '')
    .split(': ')
    .map((part) => /^error sending request for url \((https:\/\/[^/)]+)[^)]*\)$/.exec(part)?.[1] ?? part);
  return parts.filter((part, index) => !part.startsWith('https://') || part !== parts[index + 1]).join(': ');
}

/** What is kept of the child's stderr, and of the line that tells the reason. */
const MAX_STDERR_CHARS = 65_536;
const MAX_REASON_CHARS = 2_000;

/** The downloaded file; the SDK names it `….downloading` until it is whole. */
async function wholeFile(folder: string): Promise<string | undefined> {
  const name = (await readdir(folder)).find((file) => !file.endsWith('.downloading'));
  return name === undefined ? undefined : join(folder, name);
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (s) => s.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

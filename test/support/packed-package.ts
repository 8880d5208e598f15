/**
 * The package as npm would publish it, built and packed in temporary copies of the tree. Other tests run on the
 * sources meanwhile, and must not see `dist` appear and disappear. All tests of a run share them.
 */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { version } from '@temporalio/worker/package.json';
import packageJson from '../../package.json';
import { oncePerRun } from './once-per-run.ts';
import { FOLDERS, ROOT } from './source-imports.ts';

const execute = promisify(execFile);

export type PackedPackage = {
  /** The copy it was packed in, with `dist` and `package.json`. */
  readonly folder: string;
  readonly tarball: string;
};

/**
 * Beside the source folders: what the build needs, what the tarball holds (without `dist`, which the build makes),
 * and what npm packs by itself.
 */
const FILES = [
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'README.md',
  'LICENSE',
  ...packageJson.files.filter((entry) => entry !== 'dist' && !entry.startsWith('!')),
];

/**
 * A built copy of the tree: its folder. Programs in it may `require('@topcalls/webhooks/…')` and every installed
 * package. Of the workflow bundles it has that of the test run, if there is one. Rejects with the compiler's words
 * where the sources do not compile.
 */
export function builtPackage(): Promise<string> {
  return oncePerRun('built-package', async (folder) => {
    copyTree(folder);
    await run(folder, process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
    const bundle = process.env['TEST_WORKFLOW_BUNDLE'];
    if (bundle === undefined) return;
    copyFileSync(bundle, join(folder, 'dist/workflow-bundle.js'));
    writeFileSync(join(folder, 'dist/workflow-bundle.json'), JSON.stringify({ version }));
  });
}

/** Packs what `npm run build` builds. */
export async function packPackage(): Promise<PackedPackage> {
  const built = await builtPackage();
  const folder = await oncePerRun('packed-package', async (copy) => {
    copyTree(copy);
    cpSync(join(built, 'dist'), join(copy, 'dist'), { recursive: true });
    // Over the bundle of the test run, and the one for encryption.
    await run(copy, process.execPath, ['-r', './scripts/run-typescript.cjs', 'scripts/bundle-workflows.ts']);
    await run(copy, 'npm', ['pack', '--ignore-scripts', '--pack-destination', copy]);
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  return { folder, tarball: join(folder, String(tarball)) };
}

function copyTree(folder: string): void {
  for (const name of [...FOLDERS, ...FILES]) {
    if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

export type Host = {
  readonly folder: string;
  /** Writes a script below the host, `name` such as `esm/embed.mjs`, and runs it; gives its standard output. */
  script(name: string, text: string, env?: Readonly<Record<string, string>>): Promise<string>;
  remove(): void;
};

/** An empty host with `packages` installed, tarballs or names with versions. */
export async function installHost(packages: readonly string[]): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), 'host-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'host', private: true }));
  await run(folder, 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...packages]);
  return {
    folder,
    script: async (name, text, env = {}) => {
      const path = join(folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, text);
      return run(folder, process.execPath, [path], env);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Bytes of everything in a folder. */
export function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Runs a program to its end and gives its standard output; rejects with everything it said. */
export async function run(
  folder: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  // Jest's own variables would tell the program that it is a test.
  const { NODE_ENV: _env, JEST_WORKER_ID: _id, NODE_OPTIONS: _options, ...inherited } = process.env;
  try {
    const options = {
      cwd: folder,
      env: { ...inherited, ...env },
      maxBuffer: 32 * 1_048_576,
      timeout: 250_000,
      // The SDK's Runtime treats SIGTERM as a wish to shut down, which a hanging host never grants.
      killSignal: 'SIGKILL',
    } as const;
    const { stdout } = await execute(program, [...args], options);
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}

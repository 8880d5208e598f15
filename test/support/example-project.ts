/**
 * An example as a stranger has it: its folder copied out of the repository, with the packed package in its
 * node_modules. The other packages are linked from here, which saves a slow installation. Only those that the
 * example's and the package's own package.json name are linked. An import that neither declares does not resolve.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, type PackedPackage } from './packed-package.ts';
import { ROOT } from './source-imports.ts';

export type ExampleProject = {
  readonly folder: string;
  readonly readme: string;
  /** Runs the package's command in it, as `npx topcalls-webhooks …` does; gives its standard output. */
  command(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string>;
  remove(): void;
};

type Packages = Readonly<Record<string, string>>;
type Manifest = {
  readonly dependencies: Packages;
  readonly devDependencies?: Packages;
  readonly bin?: string | Packages;
};

/** Packages that the repository lacks, in a folder of their own. */
export type InstalledPackages = { readonly folder: string; remove(): void };

/** Installs what these examples declare and the repository does not have, all at once. The caller removes it. */
export async function installForExamples(names: readonly string[]): Promise<InstalledPackages> {
  const folder = mkdtempSync(join(tmpdir(), 'example-packages-'));
  const missing = names.flatMap((name) =>
    Object.entries(declaredIn(join(ROOT, 'examples', name)))
      .filter(([dependency]) => dependency !== OURS && !existsSync(join(ROOT, 'node_modules', dependency)))
      .map(([dependency, range]) => `${dependency}@${range}`),
  );
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  await run(folder, 'npm', ['install', '--prefix', folder, ...flags, ...new Set(missing)]);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Copies `examples/<name>` and links what it may load, from the repository or from `installed`. The caller removes
 *  it. */
export async function openExample(
  name: string,
  packed: PackedPackage,
  installed?: InstalledPackages,
): Promise<ExampleProject> {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  cpSync(join(ROOT, 'examples', name), folder, { recursive: true });
  const modules = join(folder, 'node_modules');
  const ours = join(modules, OURS);
  mkdirSync(ours, { recursive: true });
  mkdirSync(join(modules, '.bin'));
  await run(folder, 'tar', ['-xzf', packed.tarball, '-C', ours, '--strip-components=1']);
  const homes = [ROOT, ...(installed === undefined ? [] : [installed.folder])];
  for (const dependency of Object.keys({ ...manifestIn(ours).dependencies, ...declaredIn(folder) })) {
    if (dependency === OURS) continue;
    const there = homes.map((home) => join(home, 'node_modules', dependency)).find((path) => existsSync(path));
    if (there === undefined) throw new Error(`${name} declares ${dependency}, which is installed nowhere`);
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    symlinkSync(there, join(modules, dependency));
    for (const [command, path] of commandsOf(dependency, there)) symlinkSync(path, join(modules, '.bin', command));
  }
  return {
    folder,
    readme: readFileSync(join(folder, 'README.md'), 'utf8'),
    command: (args, env) => run(folder, process.execPath, [join(ours, 'dist/cli/main.js'), ...args], env),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const OURS = '@topcalls/webhooks';

function declaredIn(folder: string): Packages {
  const { dependencies, devDependencies } = manifestIn(folder);
  return { ...dependencies, ...devDependencies };
}

/** What npm would put into `.bin`. */
function commandsOf(dependency: string, folder: string): (readonly [string, string])[] {
  const { bin = {} } = manifestIn(folder);
  const commands = typeof bin === 'string' ? { [dependency.split('/').at(-1) ?? '']: bin } : bin;
  return Object.entries(commands).map(([command, path]) => [command, join(folder, path)] as const);
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/**
 * An example as a stranger has it: its folder copied out of the repository, with the packed package in its
 * node_modules. The other packages are linked from here, which saves a slow installation. Only those that the
 * example's and the package's own package.json name are linked. An import that neither declares does not resolve.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
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

type Manifest = { readonly dependencies: Readonly<Record<string, string>> };

/** Copies `examples/<name>` and links what it may load. The caller removes it. */
export async function openExample(name: string, packed: PackedPackage): Promise<ExampleProject> {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  cpSync(join(ROOT, 'examples', name), folder, { recursive: true });
  const modules = join(folder, 'node_modules');
  const ours = join(modules, '@topcalls/webhooks');
  mkdirSync(ours, { recursive: true });
  await run(folder, 'tar', ['-xzf', packed.tarball, '-C', ours, '--strip-components=1']);
  const declared = { ...manifestIn(ours).dependencies, ...manifestIn(folder).dependencies };
  for (const dependency of Object.keys(declared)) {
    if (dependency === '@topcalls/webhooks') continue;
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', dependency), join(modules, dependency));
  }
  return {
    folder,
    readme: readFileSync(join(folder, 'README.md'), 'utf8'),
    command: (args, env) => run(folder, process.execPath, [join(ours, 'dist/cli/main.js'), ...args], env),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** What files import, read from their text without compiling or loading them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const ROOT = join(__dirname, '../..');

/** The source folders at the top level. */
export const FOLDERS = [
  'contract',
  'client',
  'workflows',
  'activities',
  'signature',
  'receiver',
  'worker',
  'adapters',
  'codec',
  'temporal-server',
  'testing',
  'cli',
] as const;

export type Import = {
  /** File that imports, from the root: `client/index.ts`. */
  readonly from: string;
  /** File from the root, or the package as it is written: `contract/limits.ts`, `node:fs`,
   *  `@temporalio/common/lib/time`. */
  readonly to: string;
  readonly isPackage: boolean;
  /** Stripping the types removes it completely. */
  readonly isTypeOnly: boolean;
  /** `import('…')` and `require.resolve('…')`: not loaded with the file. */
  readonly isLazy?: true;
};

const STATEMENT = /^(?:import|export)\s(?:[^;'"]*?\sfrom\s)?['"](?<specifier>[^'"]+)['"];/gms;
const CALL = /\b(?<how>import|require|require\.resolve)\(\s*['"](?<specifier>[^'"]+)['"]\s*\)/g;

/** Every source file of a folder, from the root; JavaScript too. */
export function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs|cjs|js)$/.test(name) && !name.includes('node_modules'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}

/** The imports of one file. */
export function importsOf(file: string): Import[] {
  // Comments may quote imports: examples in docstrings.
  const text = readFileSync(join(ROOT, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
  const statements = [...text.matchAll(STATEMENT)].map((match) =>
    toImport(file, match.groups?.['specifier'] ?? '', isTypeOnly(match[0])),
  );
  const calls = [...text.matchAll(CALL)].map((match) => ({
    ...toImport(file, match.groups?.['specifier'] ?? '', false),
    ...(match.groups?.['how'] === 'require' ? {} : { isLazy: true as const }),
  }));
  return [...statements, ...calls];
}

/** Everything that is loaded with `file`: files from the root, packages by the name in the import. */
export function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { to, isPackage, isTypeOnly, isLazy } of importsOf(file)) {
    if (isTypeOnly || isLazy === true) continue;
    if (isPackage) seen.add(to);
    else loadedBy(to, seen);
  }
  return seen;
}

function toImport(from: string, specifier: string, typeOnly: boolean): Import {
  const isPackage = !specifier.startsWith('.');
  const to = isPackage
    ? specifier
    : fileNamed(relative(ROOT, join(ROOT, dirname(from), specifier)).replaceAll('\\', '/'));
  return { from, to, isPackage, isTypeOnly: typeOnly };
}

/** `require.resolve('./receiver')` leaves out the ending. */
function fileNamed(path: string): string {
  return [`${path}.ts`, `${path}/index.ts`].find((file) => existsSync(join(ROOT, file))) ?? path;
}

function isTypeOnly(statement: string): boolean {
  if (/^(?:import|export)\s+type\s/.test(statement)) return true;
  const named = /^(?:import|export)\s*\{(?<names>[^}]*)\}/.exec(statement)?.groups?.['names'];
  const names = named?.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()])) ?? [];
  return names.length > 0 && names.every((name) => name.startsWith('type '));
}

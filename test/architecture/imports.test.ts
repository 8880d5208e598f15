/** Compares every file's imports with import-table.ts (ARCHITECTURE.md, "Who may import whom"). */
import { describe, expect, it, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDERS, importsOf, ROOT, sourceFiles, type Import } from '../support/source-imports.ts';
import { broken, ROOMS, TOOLS, type Rule } from './import-table.ts';

const everything = FOLDERS.flatMap(sourceFiles);
const tools = ['scripts', 'bench', 'test/support', 'test/system', 'examples'].flatMap(sourceFiles);

describe('the import table', () => {
  const rules = Object.entries({ ...ROOMS, ...TOOLS });

  it.each(rules)('%s', (_what, rule) => {
    const files = [...everything, ...tools].filter((file) => rule.files.test(file));
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((file) => broken(rule, importsOf(file)))).toEqual([]);
  });

  it('has one row for every source file', () => {
    const rows = (file: string): number => rules.filter(([, { files }]) => files.test(file)).length;
    expect([...everything, ...tools].filter((file) => rows(file) !== 1)).toEqual([]);
  });

  it('sees what it should refuse', () => {
    const rule: Rule = { files: /./, values: [/^contract\/[^/]+\.ts$/], types: [/^contract\/schemas\//] };
    const to = (path: string, isTypeOnly = false): Import => ({ from: 'a.ts', to: path, isPackage: false, isTypeOnly });
    expect(
      broken(rule, [
        to('contract/limits.ts'),
        to('contract/schemas/fields.ts', true),
        to('contract/schemas/fields.ts'),
        to('zod'),
        to('zod', true),
      ]),
    ).toEqual(['a.ts imports contract/schemas/fields.ts', 'a.ts imports zod', 'a.ts imports types of zod']);
  });
});

test('ARCHITECTURE.md, "Who may import whom", has a row for every room and no other', () => {
  const [, section = ''] = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').split('\n## Who may import whom\n');
  const [table = ''] = section.split('\n## ', 1);
  const rooms = [...table.matchAll(/^\| `(?<room>[a-z-]+)/gm)].map(({ groups }) => groups?.['room']);
  expect(new Set(rooms)).toEqual(new Set(FOLDERS));
});

test('nothing imports cli, tests or examples', () => {
  const imports = everything.filter((file) => !file.startsWith('cli/')).flatMap(importsOf);
  expect(imports.filter(({ to }) => /^(cli|test|examples|bench|scripts)\//.test(to))).toEqual([]);
});

test('an example imports files of its own folder only', () => {
  const folderOf = (file: string): string => file.split('/').slice(0, 2).join('/');
  const imports = tools.filter((file) => file.startsWith('examples/')).flatMap(importsOf);
  expect(imports.filter(({ from, to, isPackage }) => !isPackage && folderOf(from) !== folderOf(to))).toEqual([]);
});

describe('index.ts', () => {
  const doors = everything.filter((file) => file.endsWith('/index.ts'));

  it('stands at public doors only', () => {
    const open = new Set([
      'activities',
      'adapters',
      'adapters/conformance',
      'client',
      'codec',
      'contract',
      'receiver',
      'testing',
      'worker',
      'workflows',
    ]);
    expect(doors.map((file) => file.replace('/index.ts', '')).filter((folder) => !open.has(folder))).toEqual([]);
  });

  it.each(doors)('of %s is a list of names: no star, no logic', (file) => {
    const left = readFileSync(join(ROOT, file), 'utf8')
      .replaceAll(/\/\*[\s\S]*?\*\//g, '')
      .replaceAll(/^\s*\/\/.*$/gm, '')
      .replaceAll(/^export (type )?\{[^}]*\} from '[^']+';$/gm, '');
    expect(left.trim()).toBe('');
  });
});

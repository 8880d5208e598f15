/** Who may import whom: the table of the architecture page, held against every source file. */
import { describe, expect, it, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDERS, importsOf, ROOT, sourceFiles, type Import } from '../support/source-imports.ts';

type Rule = {
  /** Files this row is about. */
  readonly files: RegExp;
  /** What may be loaded: own files and packages. */
  readonly values: readonly RegExp[];
  /** What may be named in types besides. */
  readonly types?: readonly RegExp[];
};

const CONTRACT = /^contract\/(egress\/)?[^/]+\.ts$/;
const SCHEMAS = /^contract\/schemas\//;
const NODE = /^node:/;

const TABLE: Readonly<Record<string, Rule>> = {
  'contract/*.ts runs anywhere: no node, no Temporal, no zod': {
    files: /^contract\/(?!index\.ts)(egress\/)?[^/]+\.ts$/,
    values: [CONTRACT],
    types: [SCHEMAS],
  },
  'the door of contract/ names its schemas': { files: /^contract\/index\.ts$/, values: [CONTRACT, SCHEMAS] },
  'contract/schemas is the only folder with zod': { files: SCHEMAS, values: [CONTRACT, SCHEMAS, /^zod$/] },
  'workflows are deterministic: contract and @temporalio/workflow': {
    files: /^workflows\//,
    values: [/^contract\/(?!index\.ts)(egress\/)?[^/]+\.ts$/, /^workflows\//, /^@temporalio\/(workflow|common)$/],
    types: [/^activities\//, SCHEMAS],
  },
  'signature is node:crypto and nothing else': {
    files: /^signature\//,
    values: [/^signature\//, /^contract\/(names|limits)\.ts$/, /^node:crypto$/],
  },
  'receiver never needs Temporal installed': {
    files: /^receiver\//,
    values: [/^receiver\//, /^signature\//, CONTRACT, SCHEMAS],
    types: [NODE],
  },
  'activities know contract, signature, undici, node and the activity context': {
    files: /^activities\//,
    values: [/^activities\//, CONTRACT, SCHEMAS, /^signature\//, NODE, /^undici$/, /^@temporalio\/(activity|common)$/],
  },
  'adapters implement ports and know no Temporal': {
    files: /^adapters\//,
    values: [/^adapters\//, CONTRACT, SCHEMAS, NODE, /^(undici|pg|kysely|zod)$/],
    types: [/^activities\//, /^receiver\/seen-events\.ts$/],
  },
  'client never loads the code of the worker': {
    files: /^client\//,
    values: [/^client\//, CONTRACT, SCHEMAS, /^node:crypto$/, /^@temporalio\/client$/, /^@temporalio\/common(\/|$)/],
    types: [/^workflows\//],
  },
  'codec serves client and worker alike: node:crypto and @temporalio/common': {
    files: /^codec\//,
    values: [/^codec\//, /^node:(crypto|path)$/, /^@temporalio\/common$/],
  },
  'worker is the composition root of the sending side': {
    files: /^worker\//,
    values: [
      /^worker\//,
      /^activities\//,
      /^signature\//,
      /^codec\//,
      CONTRACT,
      SCHEMAS,
      NODE,
      /^pino$/,
      /^@temporalio\/(worker|common)(\/|$)/,
      // By path only: the bundle is made of it.
      /^workflows(\/index\.ts)?$/,
    ],
  },
  'temporal-server finds or starts a server and knows nothing of webhooks': {
    files: /^temporal-server\//,
    values: [/^temporal-server\//, NODE, /^undici$/, /^@temporalio\/(client|envconfig|worker|testing)(\/|$)/],
  },
  'cli may use everything': { files: /^cli\//, values: [/./] },
};

const everything = FOLDERS.flatMap(sourceFiles);

/** The imports that break `rule`, as lines to read. */
function broken({ values, types = [] }: Rule, imports: readonly Import[]): string[] {
  const matches = (rules: readonly RegExp[], to: string): boolean => rules.some((rule) => rule.test(to));
  return imports
    .filter(({ to, isTypeOnly }) => !matches(values, to) && !(isTypeOnly && matches(types, to)))
    .map(({ from, to, isTypeOnly }) => `${from} imports ${isTypeOnly ? 'types of ' : ''}${to}`);
}

describe('the import table', () => {
  it.each(Object.entries(TABLE))('%s', (_what, rule) => {
    const files = everything.filter((file) => rule.files.test(file));
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((file) => broken(rule, importsOf(file)))).toEqual([]);
  });

  it('has a row for every source file', () => {
    const rules = Object.values(TABLE);
    expect(everything.filter((file) => !rules.some(({ files }) => files.test(file)))).toEqual([]);
  });

  it('sees what it should refuse', () => {
    const rule: Rule = { files: /./, values: [CONTRACT], types: [SCHEMAS] };
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

test('nothing imports cli, tests or examples', () => {
  const imports = everything.filter((file) => !file.startsWith('cli/')).flatMap(importsOf);
  expect(imports.filter(({ to }) => /^(cli|test|examples|bench)\//.test(to))).toEqual([]);
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

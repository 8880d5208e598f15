/**
 * Modules that all runs of a worker share: the modules of contract/ that workflows load. None of them may keep state.
 */
import { describe, expect, it, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { NO_ARTIFACTS } from '../../contract/collected-artifacts.ts';
import { renderCallBody } from '../../contract/render-body.ts';
import { RunLife } from '../../contract/run-life.ts';
import { aReport, aRunInput } from '../support/builders.ts';
import { loadedBy, ROOT } from '../support/source-imports.ts';
import { plainBundle } from '../support/workflow-bundles.ts';
import { preloadedModules } from '../../worker/preloaded-modules.ts';

const files = preloadedModules().map((path) => relative(ROOT, path));
const ours = files.filter((file) => file.startsWith('contract/'));

test('they are the files of contract/ that workflows load, and the stateless part of the SDK', () => {
  const loaded = [...loadedBy('workflows/index.ts')].filter((file) => file.startsWith('contract/'));
  expect(ours.toSorted()).toEqual(loaded.toSorted());
  expect(files.filter((file) => !ours.includes(file)).map((file) => file.replace('node_modules/', ''))).toEqual([
    '@temporalio/common/lib/index.js',
    'nexus-rpc/lib/index.js',
    'long/umd/index.js',
  ]);
});

// A package that has no side effects is shaken: its modules were left out of the list, and each run evaluated them.
test('a bundle loads each of them before the first run, and so does one of the built files', async () => {
  const { codePath } = await plainBundle();
  const [, body = ''] = /exports\.preloadModules = [^{]*\{([^}]*)\}/.exec(readFileSync(codePath, 'utf8')) ?? [];
  expect(body.match(/__webpack_require__\(/g)).toHaveLength(files.length);
  const { sideEffects } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { readonly sideEffects: unknown };
  expect(sideEffects).toEqual(['./contract/*.ts', './dist/contract/*.js']);
  expect(ours.filter((file) => !/^contract\/[^/]+\.ts$/.test(file))).toEqual([]);
});

describe.each(ours)('%s', (file) => {
  it('declares nothing that can change: no variable, no collection, no expression with a position of its own', () => {
    const text = readFileSync(`${ROOT}/${file}`, 'utf8');
    const declarations = [...text.matchAll(/^(?:export )?(let|var)\b.*$/gm)].map(([line]) => line);
    const collections = [...text.matchAll(/^(?:export )?const \w+[^=\n]*= new (?:Weak)?(?:Map|Set)\b.*$/gm)].map(
      ([line]) => line,
    );
    const positions = [...text.matchAll(/^(?:export )?const \w+[^=\n]*= \/.*\/[a-z]*[gy][a-z]*;$/gm)].map(
      ([line]) => line,
    );
    expect([...declarations, ...collections, ...positions]).toEqual([]);
  });
});

test('what they export is the same after runs have used it', async () => {
  const before = await snapshots();
  for (const workflowId of ['call-webhook/one', 'call-webhook/two']) {
    const input = aRunInput();
    const life = new RunLife(workflowId, input);
    life.prepared(renderCallBody(input.call, input.event, NO_ARTIFACTS, 1).artifacts);
    for (const delivery of life.deliveries) delivery.scheduled(0, 'schedule', 0);
    life.reported({ ...aReport(), endpointId: input.endpoints[0]?.endpointId ?? '' }, 1_000);
    life.cancel({ reason: 'done' }, 2_000);
    life.status();
  }
  expect(await snapshots()).toEqual(before);
});

/** Everything that the exports lead to, as text: values, sizes of collections, positions of expressions. */
async function snapshots(): Promise<Readonly<Record<string, string>>> {
  const all: Record<string, string> = {};
  for (const path of preloadedModules()) {
    all[relative(ROOT, path)] = described((await import(path)) as object, new Set());
  }
  return all;
}

function described(value: unknown, seen: Set<unknown>): string {
  if (typeof value === 'bigint' || typeof value === 'symbol') return value.toString();
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
    return JSON.stringify(value) ?? 'undefined';
  if (seen.has(value)) return '(again)';
  seen.add(value);
  const size = value instanceof Map || value instanceof Set ? `#${value.size}` : '';
  const fields = Object.getOwnPropertyNames(value)
    .filter((name) => !['caller', 'callee', 'arguments'].includes(name))
    .map((name) => {
      const property = Object.getOwnPropertyDescriptor(value, name);
      const isGetter = property !== undefined && 'get' in property && property.get !== undefined;
      return `${name}:${isGetter ? 'getter' : described(property?.value, seen)}`;
    });
  return `${typeof value}${size}{${fields.join(',')}}`;
}

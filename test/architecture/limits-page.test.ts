/** Compares docs/limits.md with the code: every bound on the page is in its place and has a test. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import * as attemptBounds from '../../activities/http/attempt-bounds.ts';
import * as limits from '../../contract/limits.ts';
import * as runLimits from '../../contract/run-limits.ts';
import { ROOT } from '../support/source-imports.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** Without the section that the bench writes. */
const [page = ''] = read('docs/limits.md').split('## What attacks cost');

/** Rows of all tables: what, who, bound, what happens above it, place and test. */
const rows = [...page.matchAll(/^\|(.+)\|$/gm)]
  .map(([, cells = '']) => cells.split('|').map((cell) => cell.trim()))
  .filter(([first = '']) => first !== 'what' && !/^-+$/.test(first))
  .map(([what = '', , bound = '', , place = '', tested = '']) => ({ what, bound, place, tested }));

/** Paths of the tests that a row names. */
const testsOf = (tested: string): readonly string[] => [...tested.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);

test.each(rows)('$what: the place has the bound, and the test is there', ({ place, tested }) => {
  const [, path = '', name = ''] = /^`([^`]+)` `([^`]+)`$/.exec(place) ?? [];
  expect(read(path)).toContain(name);
  expect(tested).toMatch(/^`[^`]+`(, `[^`]+`)*$/);
  expect(testsOf(tested).filter((each) => !existsSync(join(ROOT, each)))).toEqual([]);
});

test.each(rows)('$what: tested at the bound, one above and far above', ({ bound, tested }) => {
  const sources = testsOf(tested)
    .map(read)
    .join('\n')
    .replaceAll(/(\d)_(?=\d)/g, '$1');
  const written = new Set([...sources.matchAll(/(?<![\w.])\d+(?![\w.])/g)].map(([digits]) => Number(digits)));
  const bounds = [...bound.replaceAll(/(\d),(?=\d{3})/g, '$1').matchAll(/(?<![\w-])(\d+)( s\b)?/g)];
  for (const [, digits, unit] of bounds) {
    const least = Number(digits) * (unit === undefined ? 1 : 1_000);
    const isFarAbove = [...written].some((number) => number >= 2 * least);
    const seen = { at: written.has(least), above: written.has(least + 1), isFarAbove };
    expect({ bound: least, ...seen }).toEqual({ bound: least, at: true, above: true, isFarAbove: true });
  }
});

test('a bound that is a constant is said with its number', () => {
  const constants: Readonly<Record<string, unknown>> = { ...limits, ...runLimits, ...attemptBounds };
  for (const { what, bound, place } of rows) {
    const value = constants[/`([A-Z_]+)`$/.exec(place)?.[1] ?? ''];
    if (typeof value !== 'number') continue;
    const shown = place.includes('_MS`') ? value / 1_000 : value;
    expect({ what, bound }).toEqual({ what, bound: expect.stringContaining(shown.toLocaleString('en-US')) });
  }
});

test('every length of an attempt is on the page', () => {
  const lengths = Object.keys(attemptBounds).filter((name) => name.startsWith('MAX_'));
  expect(lengths.length).toBeGreaterThan(10);
  expect(lengths.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

/**
 * No test compares a duration with a constant, because machines are slow and busy. Order, counts, a stopped clock and
 * a ratio within one run are facts; milliseconds are not. For time limits use test/support/stopped-clock.ts or
 * ran-past.ts. What must be fast is measured in bench/, beside a reference. This test finds the usual ways to measure
 * a duration.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from '../support/source-imports.ts';

/** The ways to measure a duration, by the words of the failure. */
const PATTERNS: Readonly<Record<string, RegExp>> = {
  'measures with a stopwatch': /\bperformance\.now\(|\bhrtime(?:\.bigint)?\(/,
  // `Date.now() - 90 * 86_400_000` makes an old date and measures nothing.
  'subtracts from the clock': /\bDate\.now\(\)\s*-\s*[A-Za-z(]/,
  'subtracts the clock': /-\s*Date\.now\(\)/,
  'compares the clock': /\bDate\.now\(\)\s*[<>]|[<>]=?\s*Date\.now\(\)/,
  'compares a duration with a number':
    /expect\((?:(?!expect\()[\s\S]){0,200}?(?:Ms|At|\.at|[dD]uration|[eE]lapsed|[wW]aited|[lL]ate|[tT]ook)\b\W*(?:-[\s\S]{0,80}?)?\)\s*(?:\.not)?\.toBe(?:LessThan|GreaterThan|CloseTo)(?:OrEqual)?\(\s*-?\d/,
};

/** File → why it is allowed. */
const ALLOWED: Readonly<Record<string, string>> = {
  'test/activities/server-clock.test.ts': 'sets the clocks of server and machine apart, and measures nothing',
  'test/architecture/durations.test.ts': 'holds the patterns and their samples',
  'test/support/computation-sender.ts': 'measures for bench:attacks, as ratios to a reference in the same run',
  'test/support/processes.ts': 'gives up, with words, on a process that never is ready; no test passes by it',
  'test/support/system-command.ts': 'prints for people how long a system test has run',
  'test/support/wait-for.ts': 'gives up, with words, on what never comes; no test passes by it',
  'test/workflows/testing-door.test.ts': 'its times are virtual ones of the time-skipping server',
  'test/unit/receiver/memory-seen-events.test.ts': 'its store made by hand ends claims by the clock, as real ones do',
};

const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .map((name) => `test/${name}`)
  // The system tests play minutes of faults from a seed, and check that no attempt comes before its rung.
  .filter((path) => /\.(?:ts|js|mjs)$/.test(path) && !path.startsWith('test/system/'))
  .toSorted();

function foundIn(text: string): string[] {
  return Object.entries(PATTERNS).flatMap(([words, pattern]) => (pattern.test(text) ? [words] : []));
}

test('no test compares a duration with a constant', () => {
  expect(files.length).toBeGreaterThan(200);
  const found = files
    .filter((path) => !(path in ALLOWED))
    .flatMap((path) => foundIn(readFileSync(join(ROOT, path), 'utf8')).map((words) => `${path} ${words}`));
  expect(found).toEqual([]);
});

test('every exception is needed', () => {
  const needed = files.filter((path) => path in ALLOWED && foundIn(readFileSync(join(ROOT, path), 'utf8')).length > 0);
  expect(needed).toEqual(Object.keys(ALLOWED).toSorted());
});

describe('the patterns find', () => {
  test.each([
    'expect(performance.now() - before).toBeLessThan(5_100);',
    'console.log(performance.now() - start);',
    'expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_000);',
    "expect([signal, Date.now() - askedAt < 5_000]).toEqual(['SIGINT', true]);",
    'deadlines.push(deadline - Date.now());',
    'while (isRunning(pid) && Date.now() < deadline) await delay(20);',
    'expect(second.at - asked).toBeLessThan(2_000);',
    'expect(Number(third?.at) - Number(second?.at)).toBeGreaterThanOrEqual(1_000);',
    'expect(waitedMs).toBeLessThan(17_000);',
    'expect(burdenedMs - unburdenedMs).toBeLessThan(2_000);',
    'expect(Math.max(...results.map(({ durationMs }) => durationMs))).toBeLessThan(10_000);',
    "expect(Math.abs(Date.parse(lost?.startedAt ?? '') - before.at)).toBeLessThan(5_000);",
    'expect(Number(own[1]?.at) - tsToMs(signals[0]?.eventTime)).toBeLessThan(2_000);',
  ])('%s', (sample) => expect(foundIn(sample)).not.toEqual([]));
});

describe('the patterns leave alone', () => {
  test.each([
    'expect(second.at).toBeLessThan(dueAfter(1, attempts));',
    'expect(firstTimerDueMs(events)).toBe(15_000);',
    'expect(sockets.length).toBeGreaterThan(40);',
    'expect(bytesIn(modules)).toBeLessThan(20_000_000);',
    'const old = new Date(Date.now() - 100 * 86_400_000);',
    'const request = { at: Date.now() };',
    'expect(policy.initialInterval).toBeGreaterThanOrEqual(1_000);',
  ])('%s', (sample) => expect(foundIn(sample)).toEqual([]));
});

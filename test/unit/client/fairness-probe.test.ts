/** What the order of the tasks says. The orders are those of real servers: dev server 1.32, one to eight partitions. */
import { expect, test } from '@jest/globals';
import { fairnessIn } from '../../../client/fairness-probe.ts';

/** x: a task of the quiet account. */
const order = (signs: string): string[] => Array.from(signs, (sign) => (sign === 'x' ? 'quiet' : 'busy'));

/** So many of the first 32 tasks are of the quiet account. */
const quiet = (count: number): string => 'x'.repeat(count).padStart(32, '.');

test.each([
  ['on', '.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x', 'one partition, fair'],
  ['on', quiet(6), 'eight partitions, fair'],
  ['on', quiet(32), 'weights'],
  ['off', quiet(0), 'unfair'],
  ['off', quiet(2), 'eight partitions, unfair'],
  // What comes later than the tasks that are looked at says nothing.
  ['off', `${quiet(0)}xxxxxxxx`, 'unfair, and more was taken'],
])('%s: %s (%s)', (expected, signs) => {
  expect(fairnessIn(order(signs))).toEqual({ fairness: expected });
});

test.each([
  [quiet(3), '3 of the first 32 tasks were of the quiet account, as with many partitions of a task queue'],
  [quiet(5), '5 of the first 32 tasks were of the quiet account, as with many partitions of a task queue'],
  ['.x.x.x', 'the server handed out 6 of 32 tasks that were asked for'],
  ['.x'.repeat(15) + '.', 'the server handed out 31 of 32 tasks that were asked for'],
  ['', 'the server handed out 0 of 32 tasks that were asked for'],
])('unclear, and why: %s', (signs, why) => {
  expect(fairnessIn(order(signs))).toEqual({ fairness: 'unclear', why });
});

/** What the order of the tasks says. The orders are those of real servers: dev server 1.32, one and four partitions. */
import { expect, test } from '@jest/globals';
import { fairnessIn } from '../../../client/fairness-probe.ts';

/** x: a task of the quiet account. */
const order = (signs: string): string[] => Array.from(signs, (sign) => (sign === 'x' ? 'quiet' : 'busy'));

test.each([
  ['on', '.x.x.x.x.x.x.x.x........', 'one partition, fair'],
  ['on', 'x.x.....x.xx....x.......', 'four partitions, fair'],
  ['on', 'x..x.x.x...........x..x.', 'four partitions, fair'],
  ['off', '........................', 'unfair'],
  ['off', '.......................x', 'four partitions, unfair'],
  ['unclear', '....x...x.....x.........', 'four partitions, fair'],
  ['unclear', '......xx..x.............', 'four partitions, unfair'],
  ['unclear', '.x.x.x', 'the server stopped handing out'],
  ['unclear', '', 'nothing came'],
])('%s: %s (%s)', (expected, signs) => {
  expect(fairnessIn(order(signs))).toBe(expected);
});

/** Which pollers live: the server lists dead ones for five minutes. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { livePollers } from '../../../client/task-queue.ts';

const NOW_MS = Date.parse('2026-01-31T23:20:00.000Z');
const MINUTE_MS = 60_000;

const polledAgo = (...times: readonly number[]) => times.map((ms) => ({ identity: `${ms}`, lastPollMs: NOW_MS - ms }));
const living = (silent: readonly number[], ageMs = 0): string[] => {
  const backlog = { tasks: ageMs > 0 ? 1 : 0, ageMs, givenOutPerSecond: 0 };
  return livePollers({ pollers: polledAgo(...silent), backlog }, NOW_MS).map(({ identity }) => identity);
};

test('a worker that waits for a task asks once a minute', () => {
  expect(living([0, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS])).toEqual(['0', '60000']);
});

test('a worker that does not come back for a task that waits is dead', () => {
  expect(living([5_000, 30_000], 20_000)).toEqual(['5000']);
  expect(living([30_000], 20_000)).toEqual([]);
  // The task may still be on its way.
  expect(living([30_000], 9_000)).toEqual(['30000']);
});

test('whoever has polled later is alive if one that polled before is', () => {
  fc.assert(
    fc.property(fc.nat(600_000), fc.nat(600_000), fc.nat(600_000), (one, other, ageMs) => {
      const [later, earlier] = [Math.min(one, other), Math.max(one, other)];
      const alive = living([later, earlier], ageMs);
      expect(alive.includes(`${earlier}`) && !alive.includes(`${later}`)).toBe(false);
    }),
  );
});

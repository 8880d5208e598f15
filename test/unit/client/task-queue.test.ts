/** Which pollers live: the server lists dead ones for five minutes. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { livePollers, pollersOf, pollersWithin, queueFacts, type Poller } from '../../../client/task-queue.ts';
import { notingDeadlines } from '../../support/noting-deadlines.ts';

const NOW_MS = Date.parse('2026-01-31T23:20:00.000Z');
const MINUTE_MS = 60_000;

const polledAgo = (...times: readonly number[]) => times.map((ms) => ({ identity: `${ms}`, lastPollMs: NOW_MS - ms }));
const IDLE = { tasks: 0, ageMs: 0, givenOutPerSecond: 0 };
const waiting = (ageMs: number) => ({ tasks: ageMs > 0 ? 1 : 0, ageMs, givenOutPerSecond: 0 });
const names = (pollers: readonly Poller[]): string[] => pollers.map(({ identity }) => identity);

function living(silent: readonly number[], ageMs = 0): string[] {
  const workflow = { pollers: polledAgo(...silent), backlog: waiting(ageMs) };
  return names([...livePollers({ workflow, activity: { pollers: [], backlog: IDLE } }, NOW_MS).workflow]);
}

test('a worker that waits for a task asks once a minute', () => {
  expect(living([0, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS])).toEqual(['0', '60000']);
});

test('a worker that does not come back for a task that waits is dead', () => {
  expect(living([5_000, 30_000], 20_000)).toEqual(['5000']);
  expect(living([30_000], 20_000)).toEqual([]);
  // The task may still be on its way.
  expect(living([30_000], 9_000)).toEqual(['30000']);
});

test('a worker whose activity slots are all taken lives while it polls for workflow tasks', () => {
  const poller = (identity: string, ms: number) => ({ identity, lastPollMs: NOW_MS - ms });
  const activity = {
    pollers: [poller('busy', 70_000), poller('killed', 70_000), poller('asking', 1_000)],
    backlog: waiting(60_000),
  };
  const workflow = { pollers: [poller('busy', 5_000), poller('killed', 80_000)], backlog: IDLE };
  const live = livePollers({ workflow, activity }, NOW_MS);
  expect(live.workflow.map(({ identity }) => identity)).toEqual(['busy']);
  expect(live.activity.map(({ identity }) => identity)).toEqual(['busy', 'asking']);
});

test('an activity that waits for a limit of the queue says nothing about pollers', () => {
  const activity = { pollers: polledAgo(50_000, 90_000), backlog: waiting(40_000) };
  const workflow = { pollers: [], backlog: IDLE };
  expect(names([...livePollers({ workflow, activity }, NOW_MS, true).activity])).toEqual(['50000']);
  expect(livePollers({ workflow, activity }, NOW_MS).activity).toEqual([]);
});

test('a task that waits says nothing of workers whose version may not be meant', () => {
  const poller = (ms: number, more: object) => ({ identity: `${ms}`, lastPollMs: NOW_MS - ms, ...more });
  const queue = (...pollers: readonly Poller[]) => ({ pollers, backlog: waiting(20_000) });
  const idle = { pollers: [], backlog: IDLE };
  const alive = (...pollers: readonly Poller[]) =>
    names([...livePollers({ workflow: queue(...pollers), activity: idle }, NOW_MS).workflow]);
  expect(alive(poller(30_000, { version: 'webhooks:1', leftOut: true }))).toEqual(['30000']);
  expect(alive(poller(30_000, { version: 'webhooks:1' }), poller(40_000, {}))).toEqual(['30000', '40000']);
  expect(alive(poller(30_000, { version: 'webhooks:1' }))).toEqual([]);
  expect(alive(poller(80_000, { version: 'webhooks:1', leftOut: true }))).toEqual([]);
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

test('if nobody knows the server’s time, whoever has polled last lives, however wrong this clock is', () => {
  const workflow = { pollers: polledAgo(200_000, 230_000, 290_000), backlog: IDLE };
  const activity = { pollers: [], backlog: IDLE };
  expect(names([...livePollers({ workflow, activity }, undefined).workflow])).toEqual(['200000', '230000']);
  const none = { pollers: [], backlog: IDLE };
  expect(livePollers({ workflow: none, activity: none }, undefined)).toEqual({ workflow: [], activity: [] });
});

test('each request about a queue has a deadline: its own, or that of a caller who asks for more', async () => {
  const { client, requests } = notingDeadlines({ describeTaskQueue: { pollers: [] } });
  await pollersOf(client, 'q', 'workflow');
  await queueFacts(client, 'q', 'activity');
  await client.withDeadline(1, () => pollersWithin(client, 'q', 'workflow'));
  expect(requests).toEqual([
    { name: 'describeTaskQueue', deadline: expect.any(Number) },
    { name: 'describeTaskQueue', deadline: expect.any(Number) },
    { name: 'describeTaskQueue', deadline: 1 },
  ]);
});

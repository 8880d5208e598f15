/** What is told of a run's open activities, from hand-made descriptions. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { defaultDataConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import { artifactsAwaited, pendingOf } from '../../../client/pending-activities.ts';
import { stopClock } from '../../support/stopped-clock.ts';

const NOW_MS = Date.parse('2026-01-31T23:20:00.000Z');
beforeEach(() => stopClock(NOW_MS));
afterEach(() => void jest.useRealTimers());

const ago = (ms: number) => msToTs(NOW_MS - ms);
const described = (...pendingActivities: readonly object[]) => ({ raw: { pendingActivities } }) as never;
const attempt = (change: object) => ({ state: 1, activityId: 'deliver/ep_1/1.1', ...change });

test.each([
  ['a first attempt that nobody has started for a minute', { scheduledTime: ago(60_000) }, 60_000],
  ['a retry that nobody has started for 11 s', { attempt: 3, scheduledTime: ago(11_000) }, 11_000],
  [
    'an attempt that waits for its rung, seen by a clock that is ahead',
    { nextAttemptScheduleTime: ago(60_000), scheduledTime: ago(60_000) },
    undefined,
  ],
  ['an attempt that has just become due', { scheduledTime: ago(9_000) }, undefined],
  [
    'an attempt that waits for its rung',
    { nextAttemptScheduleTime: ago(-9_000), scheduledTime: ago(-9_000) },
    undefined,
  ],
  ['an attempt in flight', { state: 2, scheduledTime: ago(60_000) }, undefined],
  ['a paused one', { paused: true, scheduledTime: ago(60_000) }, undefined],
  ['one of which no time is known', {}, undefined],
])('%s', (_what, change, sinceMs) => {
  const [pending] = pendingOf(described({ activityId: '7' }, attempt(change)));
  expect(pending?.endpointId).toBe('ep_1');
  expect(pending?.dueSinceMs).toBe(sinceMs === undefined ? undefined : NOW_MS - sinceMs);
});

test('a poll tells what the source lacks, by its last failure; another activity tells nothing', async () => {
  const lastFailure = { message: 'summary not ready yet' };
  const told = (name: string, failed: object) =>
    artifactsAwaited(described({ activityType: { name }, ...failed }), defaultDataConverter);
  expect(await told('fetchArtifacts', { lastFailure })).toBe('summary not ready yet');
  expect(await told('fetchArtifacts', {})).toBeUndefined();
  expect(await told('recordDelivery', { lastFailure })).toBeUndefined();
});

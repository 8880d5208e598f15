/** The start of an attempt that never reported: people look for it in their receiver's logs. */
import { expect, test } from '@jest/globals';
import { lostAttemptAt } from '../../../contract/attempt-times.ts';
import type { Attempt } from '../../../contract/delivery-state.ts';
import { DEFAULT_RETRY_DELAYS_MS } from '../../../contract/retry-schedule.ts';

const startedAt = '2025-12-22T10:31:00.000Z';
const lost = (number: number): Attempt => ({
  number,
  trigger: 'schedule',
  startedAt,
  durationMs: 0,
  outcome: 'unknown',
});

test('after a reported attempt it began when that announced it', () => {
  const reported: Attempt = { ...lost(1), outcome: 'http', nextAttemptAt: '2025-12-22T10:32:00.040Z' };
  expect(lostAttemptAt(reported, DEFAULT_RETRY_DELAYS_MS)).toBe('2025-12-22T10:32:00.040Z');
});

test('after a lost one it began when that was given up, after 30 s, and the policy had waited', () => {
  expect([1, 2, 3, 4].map((number) => lostAttemptAt(lost(number), DEFAULT_RETRY_DELAYS_MS))).toEqual([
    '2025-12-22T10:32:30.000Z',
    '2025-12-22T10:35:30.000Z',
    '2025-12-22T10:47:30.000Z',
    '2025-12-22T11:31:30.000Z',
  ]);
  expect(lostAttemptAt(lost(2), [1_000, 2_000])).toBe('2025-12-22T10:31:32.000Z');
});

test('after nothing, nothing is known', () => {
  expect(lostAttemptAt(undefined, DEFAULT_RETRY_DELAYS_MS)).toBeUndefined();
});

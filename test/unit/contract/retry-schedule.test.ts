import { describe, expect, it } from '@jest/globals';
import {
  attemptsIn,
  DEFAULT_RETRY_DELAYS_MS,
  retryPolicyAfter,
  scheduleSpanMs,
  waitAfter,
} from '../../../contract/retry-schedule.ts';

describe('the ladder', () => {
  it.each([
    [1, 60_000],
    [2, 300_000],
    [3, 900_000],
    [4, 3_600_000],
    [5, undefined],
    [6, undefined],
    [0, undefined],
  ])('waits after attempt %p for %p ms', (attempt, wait) => {
    expect(waitAfter(attempt)).toBe(wait);
  });

  it('has five attempts over 81 minutes', () => {
    expect(attemptsIn(DEFAULT_RETRY_DELAYS_MS)).toBe(5);
    expect(scheduleSpanMs()).toBe(4_860_000);
  });

  it('may be another, down to one attempt and no wait', () => {
    expect(attemptsIn([])).toBe(1);
    expect(scheduleSpanMs([])).toBe(0);
    expect(waitAfter(1, [])).toBeUndefined();
    expect(waitAfter(2, [5_000, 1_000])).toBe(1_000);
  });
});

describe('its Temporal retry policy', () => {
  it('gives 1, 4, 16 and 60 minutes to attempts that could name no delay', () => {
    expect(retryPolicyAfter(0, DEFAULT_RETRY_DELAYS_MS)).toEqual({
      initialInterval: 60_000,
      backoffCoefficient: 4,
      maximumInterval: 3_600_000,
      maximumAttempts: 5,
    });
  });

  it('goes on where an earlier activity stopped', () => {
    expect(retryPolicyAfter(2, DEFAULT_RETRY_DELAYS_MS)).toMatchObject({
      initialInterval: 900_000,
      maximumAttempts: 3,
    });
    expect(retryPolicyAfter(4, DEFAULT_RETRY_DELAYS_MS)).toMatchObject({ maximumAttempts: 1 });
  });

  it.each([0, 1, 2, 3, 4, 5, 9])('is one the server takes after %p attempts: it never allows zero or fewer', (made) => {
    for (const delays of [DEFAULT_RETRY_DELAYS_MS, [], [1_000], [86_400_000, 1_000], [1_000, 2_000, 1_000]]) {
      const policy = retryPolicyAfter(made, delays);
      expect(policy.maximumAttempts).toBeGreaterThanOrEqual(1);
      expect(policy.initialInterval).toBeGreaterThanOrEqual(1_000);
      expect(policy.maximumInterval).toBeGreaterThanOrEqual(policy.initialInterval);
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import { settleDelayFor } from '../../../contract/delivery-policy.ts';

describe('the settle delay', () => {
  it.each([
    ['call.completed', 15_000],
    ['campaign.completed', 15_000],
    ['call.failed', 0],
    ['campaign.started', 0],
    ['campaign.paused', 0],
    ['campaign.resumed', 0],
    ['campaign.stopped', 0],
    ['webhook.test', 0],
  ] as const)('of %s is %p ms', (event, delayMs) => {
    expect(settleDelayFor(event, 15_000)).toBe(delayMs);
  });

  it('is the policy’s own', () => {
    expect(settleDelayFor('call.completed', 0)).toBe(0);
    expect(settleDelayFor('call.completed', 90_000)).toBe(90_000);
  });
});

/** Which attempt waits, of how many, and whether the receiver asked to wait. */
import { expect, test } from '@jest/globals';
import { withDueSince, withNextAttempts } from '../../../client/next-attempts.ts';
import type { Attempt, DeliveryStatus } from '../../../contract/delivery-state.ts';
import { aRunInput } from '../../support/builders.ts';

const AT = Date.parse('2026-01-31T23:20:00.000Z');
const iso = (ms: number) => new Date(AT + ms).toISOString();

/** After `number` attempts, the last of which took a second; the next is due `waitMs` after it. */
function aDelivery(number: number, waitMs: number, status = 503, change: Partial<DeliveryStatus> = {}): DeliveryStatus {
  const last = { number, trigger: 'schedule', startedAt: iso(-1_000), durationMs: 1_000, outcome: 'http', status };
  const attempts = [last as Attempt];
  const base = { endpointId: 'ep_1', host: 'a.example.com', webhookId: 'msg_1', state: 'retrying', attempts } as const;
  return { ...base, nextAttemptAt: iso(waitMs), ...change };
}

const input = aRunInput({ policy: { ...aRunInput().policy, retryDelaysMs: [60_000, 300_000] } });
const next = (delivery: DeliveryStatus, of: object = { input }) =>
  withNextAttempts([delivery], of as never)[0]?.nextAttempt;

test.each([
  ['on its rung', aDelivery(1, 60_000), { number: 2, of: 3 }],
  ['as the receiver asked', aDelivery(2, 900_000), { number: 3, of: 3, askedToWait: true }],
  ['as the receiver asked by 429', aDelivery(1, 62_000, 429), { number: 2, of: 3, askedToWait: true }],
  ['later, after an answer that asks for nothing', aDelivery(1, 900_000, 500), { number: 2, of: 3 }],
  ['a little later, by two clocks', aDelivery(1, 60_900), { number: 2, of: 3 }],
  ['not, for it ended', aDelivery(3, 0, 503, { state: 'failed' }), undefined],
  ['not, for the attempt is in flight', { ...aDelivery(1, 0), nextAttemptAt: undefined } as never, undefined],
])('a delivery waits %s', (_how, delivery, expected) => {
  expect(next(delivery)).toEqual(expected);
});

test('an attempt that no worker has started says since when it is due, unless its delivery has ended', () => {
  const due = (delivery: DeliveryStatus, change: object) =>
    withDueSince([delivery], {
      pending: [{ endpointId: 'ep_1', attemptsMade: 1, isWaiting: true, ...change } as never],
    });
  expect(due(aDelivery(1, -66_000), { dueSinceMs: AT - 66_000 })).toMatchObject([{ dueSince: iso(-66_000) }]);
  expect(due(aDelivery(1, -1_000), {})[0]).not.toHaveProperty('dueSince');
  expect(due(aDelivery(1, 0), { endpointId: 'ep_2', dueSinceMs: AT })[0]).not.toHaveProperty('dueSince');
  expect(due(aDelivery(3, 0, 503, { state: 'failed' }), { dueSinceMs: AT })[0]).not.toHaveProperty('dueSince');
});

test('the wait of a run that was reset begins anew: it tells nothing of the receiver', () => {
  const later = aDelivery(1, 85_000);
  expect(next(later, { input, runId: 'r2', originalRunId: 'r1' })).toEqual({ number: 2, of: 3 });
  expect(next(later, { input, runId: 'r1', originalRunId: 'r1' })).toMatchObject({ askedToWait: true });
});

test.each([
  {},
  { input: {} },
  { input: { policy: { retryDelaysMs: 'soon' } } },
  { input: { policy: { retryDelaysMs: ['1'] } } },
])('an input like %j does not tell the ladder', (run) => {
  expect(next(aDelivery(1, 60_000), run)).toBeUndefined();
});

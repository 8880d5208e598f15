/** Signals that people type: nothing they send may throw, in the workflow or in who reads its history. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readAttemptReport, readCancelRequest, readRetryNowRequest } from '../../../contract/signal-payloads.ts';

test('the reason of a cancel may be bare text: people send signals from the Web UI', () => {
  expect(readCancelRequest('wrong number')).toEqual({ reason: 'wrong number' });
  expect(readCancelRequest({ reason: 'moved', endpointId: 'ep_1', more: 1 })).toEqual({
    reason: 'moved',
    endpointId: 'ep_1',
  });
  expect(readCancelRequest({ reason: 'x'.repeat(600) }).reason).toHaveLength(500);
  expect([undefined, null, 7, [], { reason: 7 }].map(readCancelRequest)).toEqual([{}, {}, {}, {}, {}]);
});

test('a retryNow counts attempts only where they are a whole number from 1 up', () => {
  expect(readRetryNowRequest({ endpointId: 'ep_1', attemptsMade: 2 })).toEqual({ endpointId: 'ep_1', attemptsMade: 2 });
  for (const attemptsMade of [0, -1, 1.5, '2', Number.NaN]) expect(readRetryNowRequest({ attemptsMade })).toEqual({});
});

test('an attempt report that is none is none', () => {
  const report = { endpointId: 'ep_1', attempt: { number: 1 } };
  expect(readAttemptReport(report)).toBe(report);
  for (const payload of [undefined, null, 'x', {}, { endpointId: 'ep_1' }, { endpointId: 'ep_1', attempt: null }]) {
    expect(readAttemptReport(payload)).toBeUndefined();
  }
});

test('whatever is sent, no reader throws', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (payload) => {
      for (const read of [readAttemptReport, readCancelRequest, readRetryNowRequest]) read(payload);
    }),
  );
});

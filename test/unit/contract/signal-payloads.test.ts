/** Signals that people type. Nothing in them may throw, neither in the workflow nor in a reader of its history. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { aReport } from '../../support/builders.ts';
import { readAttemptReport, readCancelRequest, readRetryNowSignal } from '../../../contract/signal-payloads.ts';

test('the reason of a cancel may be bare text: people send signals from the Web UI', () => {
  expect(readCancelRequest('wrong number')).toEqual({ reason: 'wrong number' });
  expect(readCancelRequest({ reason: 'moved', endpointId: 'ep_1', more: 1 })).toEqual({
    reason: 'moved',
    endpointId: 'ep_1',
  });
  for (const length of [500, 501, 5_000_000]) {
    for (const payload of ['x'.repeat(length), { reason: 'x'.repeat(length) }]) {
      expect(readCancelRequest(payload).reason).toBe('x'.repeat(500));
    }
  }
  expect(readCancelRequest({ reason: 'x'.repeat(499) }).reason).toBe('x'.repeat(499));
  expect([undefined, null, 7, [], { reason: 7 }].map(readCancelRequest)).toEqual([{}, {}, {}, {}, {}]);
});

test('what was meant for one endpoint and mistyped stops none, rather than all', () => {
  const mistyped = [{ endpointId: 5 }, { endpointId: null }, ['ep_1'], { endpointIds: ['ep_1', 'ep_2'] }];
  expect(mistyped.map((payload) => readCancelRequest(payload).endpointId)).toEqual(['', '', '', '']);
  expect(mistyped.map((payload) => readRetryNowSignal(payload).endpointId)).toEqual(['', '', '', '']);
  for (const name of ['endpoint_id', 'EndpointID']) {
    expect(readCancelRequest({ [name]: 'ep_1' })).toEqual({ endpointId: 'ep_1' });
  }
});

test('a cancel counts attempts by endpoint, only where they are a whole number from 1 up', () => {
  const attemptsMade = { ep_1: 2, ep_2: 0, ep_3: '3', ep_4: 1.5 };
  expect(readCancelRequest({ attemptsMade })).toEqual({ attemptsMade: { ep_1: 2 } });
  for (const attemptsMade of [7, 'x', null, [], { ep_1: -1 }]) expect(readCancelRequest({ attemptsMade })).toEqual({});
});

test('only `letGo: true` lets a run go', () => {
  expect(readCancelRequest({ letGo: true })).toEqual({ letGo: true });
  for (const letGo of [false, 1, 'true', null, {}]) expect(readCancelRequest({ letGo })).toEqual({});
});

test('a retryNow counts attempts only where they are a whole number from 1 up', () => {
  expect(readRetryNowSignal({ endpointId: 'ep_1', attemptsMade: 2 })).toEqual({ endpointId: 'ep_1', attemptsMade: 2 });
  for (const attemptsMade of [0, -1, 1.5, '2', Number.NaN]) expect(readRetryNowSignal({ attemptsMade })).toEqual({});
});

test('whether the worker can tell the host is read as true or as nothing', () => {
  expect(readAttemptReport({ ...aReport(), notifies: true })).toEqual({ ...aReport(), notifies: true });
  for (const notifies of [false, 1, 'true', null, {}]) {
    expect(readAttemptReport({ ...aReport(), notifies })).toEqual(aReport());
  }
});

test('an attempt report is read field by field: what is more in it is left behind', () => {
  const report = aReport();
  expect(readAttemptReport({ ...report, more: 1, attempt: { ...report.attempt, more: 1 } })).toEqual(report);
  const { nextDelayMs: _none, ...last } = report;
  expect(readAttemptReport(last)).toEqual(last);
});

test.each([
  [undefined],
  [null],
  ['x'],
  [{}],
  [{ endpointId: 'ep_1' }],
  [{ endpointId: 'ep_1', attempt: { number: 1 } }],
  [{ ...aReport(), endpointId: 7 }],
  [{ ...aReport(), bodyBytes: -1 }],
  [{ ...aReport(), bodySha256: 'abc' }],
  [{ ...aReport(), nextDelayMs: Number.POSITIVE_INFINITY }],
  [aReport({ number: 0 })],
  [aReport({ number: 12 })],
  [aReport({ number: 1.5 })],
  [aReport({ startedAt: 'yesterday' })],
  [aReport({ startedAt: '+275760-09-13T00:00:00.000Z' })],
  [aReport({ durationMs: Number.NaN })],
  [aReport({ durationMs: undefined })],
  [aReport({ trigger: 'a person' })],
  [aReport({ outcome: 'fine' })],
])('an attempt report that is none is none: %j', (payload) => {
  expect(readAttemptReport(payload)).toBeUndefined();
});

test('whatever is sent, no reader throws', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (payload) => {
      for (const read of [readAttemptReport, readCancelRequest, readRetryNowSignal]) read(payload);
    }),
  );
});

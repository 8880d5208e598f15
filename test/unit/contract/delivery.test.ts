/** The life of one delivery: what it remembers of attempts that could not report, and what holds in every life. */
import { expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Delivery, type AttemptsStopped } from '../../../contract/delivery.ts';
import type { AttemptReport } from '../../../contract/run-messages.ts';
import { aReport } from '../../support/builders.ts';

const ENDPOINT = { endpointId: 'ep_1', webhookId: 'msg_1', url: 'https://example.com/', host: 'example.com' };
const DELAYS_MS = [60_000, 300_000];
const START_MS = Date.parse('2026-01-31T23:20:00.000Z');
const TOLD_MS = START_MS + 1_000;

function afterOneFailure(): Delivery {
  const delivery = new Delivery(ENDPOINT, DELAYS_MS);
  delivery.scheduled(0, 'schedule', START_MS);
  delivery.reported(failedAttempt(1, START_MS), TOLD_MS);
  return delivery;
}

/** Attempt `number` failed at `atMs`, within 40 ms; the next one waits its rung. */
function failedAttempt(number: number, atMs: number): AttemptReport {
  const nextDelayMs = DELAYS_MS[number - 1];
  const startedAt = new Date(atMs - 40).toISOString();
  const next = nextDelayMs === undefined ? {} : { nextAttemptAt: new Date(atMs + nextDelayMs).toISOString() };
  const { nextDelayMs: _ours, ...report } = aReport({ number, startedAt, durationMs: 40, ...next });
  return { ...report, ...(nextDelayMs === undefined ? {} : { nextDelayMs }) };
}

it('a cancel that tells of an attempt whose worker was killed has it in the outcome', () => {
  const delivery = afterOneFailure();
  delivery.cancel(TOLD_MS, 2);
  delivery.stopped({ how: 'cancelled' }, TOLD_MS);
  expect(delivery.outcome().state).toBe('cancelled');
  expect(delivery.outcome().attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
    [1, 'http'],
    [2, 'unknown'],
  ]);
});

it('a cancel that tells of nothing, or of more than the ladder has, invents no attempt', () => {
  const told = [undefined, 1, 99].map((attemptsMade) => {
    const delivery = afterOneFailure();
    delivery.cancel(TOLD_MS, attemptsMade);
    delivery.stopped({ how: 'cancelled' }, TOLD_MS);
    return delivery.outcome().attempts.length;
  });
  expect(told).toEqual([1, 1, 3]);
});

it('a retryNow sends the waiting attempt once; a second one in the same wait does nothing', () => {
  const delivery = afterOneFailure();
  expect(delivery.retryNow({}, TOLD_MS)).toBe(true);
  expect(delivery.retryNow({}, TOLD_MS)).toBe(false);
  delivery.stopped({ how: 'cancelled' }, TOLD_MS);
  expect([delivery.life, delivery.nextTrigger]).toEqual([
    { is: 'attempting', number: 2, trigger: 'retry_now' },
    'retry_now',
  ]);
});

it('a retryNow that met an attempt in flight leaves that attempt its own rung', () => {
  const delivery = afterOneFailure();
  delivery.retryNow({ attemptsMade: 1 }, TOLD_MS);
  const secondAtMs = TOLD_MS + 500;
  const report = failedAttempt(2, secondAtMs);
  delivery.stopped({ how: 'failed', type: 'WebhookAttemptFailed', isFinal: false, isAsked: true, report }, secondAtMs);
  expect([delivery.life, delivery.nextTrigger]).toEqual([
    { is: 'waiting', untilMs: secondAtMs + 300_000, isOurs: true },
    'schedule',
  ]);
});

it('the report of an attempt before, which comes late, does not put the next one off', () => {
  const delivery = new Delivery(ENDPOINT, DELAYS_MS);
  delivery.scheduled(0, 'schedule', START_MS);
  delivery.retryNow({ attemptsMade: 1 }, TOLD_MS);
  delivery.reported(failedAttempt(1, START_MS), TOLD_MS);
  expect(delivery.life).toEqual({ is: 'attempting', number: 2, trigger: 'retry_now' });
});

it('a retryNow and then a cancel, both in our own wait and in one task: no attempt follows', () => {
  const delivery = afterOneFailure();
  delivery.retryNow({ attemptsMade: 1 }, TOLD_MS);
  const at = TOLD_MS + 500;
  const report = failedAttempt(2, at);
  delivery.stopped({ how: 'failed', type: 'WebhookAttemptFailed', isFinal: false, isAsked: true, report }, at);
  expect(delivery.life).toMatchObject({ is: 'waiting', isOurs: true });
  delivery.retryNow({}, at + 1);
  delivery.cancel(at + 1);
  expect(delivery.life).toMatchObject({ is: 'ended', state: 'cancelled' });
});

it('a retryNow whose wait is over (its sender saw one attempt, two are made) does not end the next wait', () => {
  const delivery = afterOneFailure();
  expect(delivery.retryNow({ attemptsMade: 1 }, TOLD_MS)).toBe(true);
  delivery.stopped({ how: 'cancelled' }, TOLD_MS);
  delivery.scheduled(1, 'retry_now', TOLD_MS);
  delivery.reported(failedAttempt(2, TOLD_MS + 20), TOLD_MS + 20);
  expect(delivery.retryNow({ attemptsMade: 1 }, TOLD_MS + 30)).toBe(false);
});

it('a worker that dies after the report and before the end of its attempt costs no second attempt', () => {
  for (const ask of [(d: Delivery) => d.cancel(TOLD_MS), (d: Delivery) => d.retryNow({ attemptsMade: 1 }, TOLD_MS)]) {
    const delivery = afterOneFailure();
    ask(delivery);
    // Attempt 2 was in flight. It reported by signal; its worker was killed then, and the server timed it out.
    delivery.reported(failedAttempt(2, TOLD_MS + 500), TOLD_MS + 500);
    delivery.stopped({ how: 'timed_out', isAsked: true }, TOLD_MS + 30_000);
    expect(delivery.status('delivering').attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, 'http'],
      [2, 'http'],
    ]);
  }
});

it('a retryNow between the report of an attempt and the end of its activity is not lost', () => {
  const delivery = afterOneFailure();
  delivery.retryNow({ attemptsMade: 1 }, TOLD_MS);
  const report = failedAttempt(2, TOLD_MS + 500);
  delivery.reported(report, TOLD_MS + 500);
  expect(delivery.retryNow({}, TOLD_MS + 501)).toBe(true);
  delivery.stopped(
    { how: 'failed', type: 'WebhookAttemptFailed', isFinal: false, isAsked: true, report },
    TOLD_MS + 502,
  );
  expect(delivery.life).toEqual({ is: 'attempting', number: 3, trigger: 'retry_now' });
});

it('a typed retryNow that tells of more attempts than the ladder has enters none', () => {
  const delivery = afterOneFailure();
  expect(delivery.retryNow({ attemptsMade: 99 }, TOLD_MS)).toBe(false);
  expect(delivery.attemptsMade).toBe(1);
});

/** Attempt `number` could not be sent, for a reason of ours. */
function notSent(number: number): AttemptsStopped {
  const report = aReport({ number, outcome: 'not_sent', code: 'secret_store_down' });
  return { how: 'failed', type: 'WebhookNotSent', isFinal: true, isAsked: false, report };
}

it('an attempt that was not sent keeps its number and its trigger, however often that happens', () => {
  const delivery = new Delivery(ENDPOINT, DELAYS_MS, 'redelivery');
  for (const _each of [1, 2, 3]) {
    delivery.scheduled(delivery.attemptsMade, delivery.nextTrigger, START_MS);
    delivery.stopped(notSent(1), TOLD_MS);
    expect(delivery.status('delivering')).toMatchObject({
      state: 'waiting_for_us',
      reason: 'secret_store_down',
      waitingSince: '2026-01-31T23:20:00.000Z',
      attempts: [],
    });
    delivery.released();
    expect([delivery.attemptsMade, delivery.life]).toEqual([0, { is: 'attempting', number: 1, trigger: 'redelivery' }]);
  }
});

it('attempts before it count, also one that was killed', () => {
  const delivery = afterOneFailure();
  delivery.stopped(notSent(3), TOLD_MS + 100_000);
  expect(delivery.life).toMatchObject({ is: 'held', number: 3, trigger: 'schedule' });
  expect(delivery.status('delivering').attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
    [1, 'http'],
    [2, 'unknown'],
  ]);
});

it('a worker without our activities spends no attempt, until the delivery has waited ten times', () => {
  const delivery = afterOneFailure();
  const stop = { how: 'failed', type: 'NotFoundError', isFinal: false, isAsked: false } as const;
  for (const _each of Array.from({ length: 10 })) {
    delivery.stopped(stop, TOLD_MS);
    expect(delivery.status('delivering')).toMatchObject({ state: 'waiting_for_us', reason: 'no_activity' });
    expect(delivery.life).toMatchObject({ is: 'held', number: 2, trigger: 'schedule' });
    delivery.released();
    delivery.scheduled(delivery.attemptsMade, delivery.nextTrigger, TOLD_MS);
  }
  delivery.stopped(stop, TOLD_MS);
  expect(delivery.life).toMatchObject({ is: 'ended', state: 'failed', reason: 'unknown' });
});

it('a retryNow ends a wait for us; one that was meant for another wait does not', () => {
  const delivery = afterOneFailure();
  delivery.stopped(notSent(2), TOLD_MS);
  expect(delivery.retryNow({ attemptsMade: 2 }, TOLD_MS)).toBe(false);
  expect(delivery.retryNow({}, TOLD_MS)).toBe(true);
  expect(delivery.life).toEqual({ is: 'attempting', number: 2, trigger: 'retry_now' });
  delivery.released();
  expect(delivery.nextTrigger).toBe('retry_now');
});

it('a cancel ends a wait for us at once, and one that came before ends it before it begins', () => {
  const waits = afterOneFailure();
  waits.stopped(notSent(2), TOLD_MS);
  waits.cancel(TOLD_MS);
  const before = afterOneFailure();
  before.cancel(TOLD_MS);
  before.stopped(notSent(2), TOLD_MS);
  for (const delivery of [waits, before]) {
    expect(delivery.outcome()).toMatchObject({ state: 'cancelled', attempts: [{ number: 1 }] });
  }
});

it('each wait for us is twice as long, up to an hour; after ten of them an attempt is spent', () => {
  const delivery = new Delivery(ENDPOINT, DELAYS_MS);
  const waits = Array.from({ length: 10 }, () => {
    expect(delivery.spendsNotSent).toBe(false);
    delivery.scheduled(0, 'schedule', START_MS);
    delivery.stopped(notSent(1), TOLD_MS);
    delivery.released();
    return delivery.waitForUsMs / 1_000;
  });
  expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
  expect(delivery.spendsNotSent).toBe(true);
});

it.each([
  [9, false],
  [10, true],
  [11, true],
  [1_000, true],
])('after %i waits for us an attempt that cannot be sent is spent: %p', (waits, isSpent) => {
  const delivery = new Delivery(ENDPOINT, DELAYS_MS);
  for (let wait = 1; wait <= waits; wait += 1) {
    delivery.scheduled(0, 'schedule', START_MS);
    delivery.stopped(notSent(1), TOLD_MS);
    delivery.released();
  }
  expect(delivery.spendsNotSent).toBe(isSpent);
});

type Step = (delivery: Delivery, atMs: number) => void;

/** Everything that can happen to a delivery, in any order, from a server under faults and from people at dialogs. */
const steps = fc.array(
  fc.oneof(
    fc.constant<Step>((delivery, atMs) => delivery.waited(atMs)),
    fc.constant<Step>((delivery) => delivery.released()),
    fc.constant<Step>((delivery, atMs) => delivery.scheduled(delivery.attemptsMade, delivery.nextTrigger, atMs)),
    fc
      .integer({ min: 1, max: 4 })
      .map<Step>((number) => (delivery, atMs) => delivery.reported(failedAttempt(number, atMs), atMs)),
    fc.integer({ min: 0, max: 4 }).map<Step>((number) => (delivery, atMs) => delivery.lost(number, atMs)),
    fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }).map<Step>((attemptsMade) => (delivery, atMs) => {
      delivery.retryNow(attemptsMade === undefined ? {} : { attemptsMade }, atMs);
    }),
    fc.integer({ min: 0, max: 4 }).map<Step>((attemptsMade) => (delivery, atMs) => delivery.cancel(atMs, attemptsMade)),
    stops().map<Step>((stop) => (delivery, atMs) => delivery.stopped(stop, atMs)),
    fc.constantFrom('delivered', 'terminated').map<Step>((state) => (delivery) => delivery.end(state)),
  ),
  { maxLength: 12 },
);

function stops(): fc.Arbitrary<AttemptsStopped> {
  const types = ['WebhookAttemptFailed', 'EndpointGone', 'DeliveryRefused', 'WebhookNotSent', 'NotFoundError'];
  const type = fc.constantFrom(...types);
  const failed = fc.record({ how: fc.constant('failed' as const), type, isFinal: fc.boolean(), isAsked: fc.boolean() });
  return fc.oneof(
    fc.constant({ how: 'cancelled' as const }),
    fc.record({ how: fc.constant('timed_out' as const), isAsked: fc.boolean() }),
    failed,
    fc
      .tuple(failed, fc.integer({ min: 1, max: 3 }))
      .map(([stop, number]) => ({ ...stop, report: failedAttempt(number, START_MS) })),
  );
}

test('in every life: attempts are numbered without gaps and at most as the ladder has, and an end is final', () => {
  const ends = new Map<string, number>();
  fc.assert(
    fc.property(steps, (life) => {
      const delivery = new Delivery(ENDPOINT, DELAYS_MS);
      let ended: unknown;
      for (const [index, step] of life.entries()) {
        step(delivery, START_MS + index * 1_000);
        const status = delivery.status('delivering');
        expect(status.attempts.map(({ number }) => number)).toEqual(status.attempts.map((_each, at) => at + 1));
        expect(status.attempts.length).toBeLessThanOrEqual(4);
        // Only a delivery that waits and was not stopped names a next attempt.
        const waits = delivery.life.is === 'waiting' && !delivery.isCancelled;
        expect(status.nextAttemptAt === undefined).toBe(!waits);
        // A delivery that waits for us says so. Nobody has cancelled it, since that ends such a wait.
        const isHeld = delivery.life.is === 'held' && !delivery.isCancelled;
        expect(status.state === 'waiting_for_us').toBe(isHeld);
        if (status.waitingSince !== undefined) expect(isHeld).toBe(true);
        if (ended !== undefined) expect(delivery.life).toEqual(ended);
        if (delivery.hasEnded) {
          ended = delivery.life;
          expect(delivery.outcome()).toEqual(status);
          expect(delivery.retryNow({ attemptsMade: 3 }, START_MS)).toBe(false);
        }
      }
      // One stop of the activity decides. The delivery goes on only if a retryNow asked for it.
      if (delivery.life.is === 'attempting') delivery.stopped({ how: 'timed_out', isAsked: false }, START_MS + 60_000);
      ends.set(
        delivery.life.is === 'ended' ? delivery.life.state : delivery.life.is,
        1 + (ends.get(delivery.life.is === 'ended' ? delivery.life.state : delivery.life.is) ?? 0),
      );
    }),
    { numRuns: 3_000 },
  );
  expect([...ends.keys()].toSorted()).toEqual([
    'cancelled',
    'delivered',
    'failed',
    'gone',
    'held',
    'preparing',
    'refused',
    'terminated',
    'waiting',
  ]);
});

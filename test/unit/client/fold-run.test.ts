/** What status and result say about a run, from hand-made facts: open or closed, with a worker or without. */
import { describe, expect, it } from '@jest/globals';
import { isAboutToWait, leavesNothing, unreportedAttempts } from '../../../client/control-targets.ts';
import { resultOf, settlesUntil, statusOf } from '../../../client/run-status.ts';
import type { PendingDelivery, RunFact, RunFacts } from '../../../client/run-facts.ts';
import type { AttemptsStopped } from '../../../contract/delivery.ts';
import type { Attempt, WebhookResult } from '../../../contract/delivery-state.ts';
import { DEFAULT_DELIVERY_POLICY } from '../../../contract/default-policy.ts';
import type { AttemptReport, DeliverInput } from '../../../contract/run-messages.ts';
import type { DeliveryRecord } from '../../../contract/index.ts';

const ONE = { endpointId: 'ep_one', webhookId: 'msg_one', url: 'https://one.example.com/', host: 'one.example.com' };
const TWO = { endpointId: 'ep_two', webhookId: 'msg_two', url: 'https://two.example.com/', host: 'two.example.com' };
const [one, two] = [ONE, TWO].map(({ url: _url, ...identity }) => identity);
const STATUSES = { recording: 'ready', transcript: 'timed_out', summary: 'ready' } as const;

/** A run of one endpoint with these facts, by default open. */
function run(facts: readonly RunFact[], change: Partial<RunFacts> = {}, input: object = {}): RunFacts {
  return {
    workflowId: 'call-webhook/call-1',
    runId: 'run-1',
    status: 'RUNNING',
    taskQueue: 'topcalls-webhooks',
    input: {
      event: 'call.completed',
      endpoints: [ONE],
      policy: DEFAULT_DELIVERY_POLICY,
      searchAttributes: true,
      ...input,
    },
    facts,
    pending: [],
    ...change,
  } as RunFacts;
}

const attempt = (number: number, change: Partial<Attempt> = {}): Attempt => ({
  number,
  trigger: 'schedule',
  startedAt: `2025-12-22T10:3${number}:00.000Z`,
  durationMs: 40,
  outcome: 'http',
  status: 503,
  code: 'http_503',
  ...change,
});
const delivered = (number: number): Attempt => attempt(number, { outcome: 'delivered', status: 200, code: 'http_200' });
const report = (number: number, endpointId = 'ep_one', change: Partial<Attempt> = {}): AttemptReport => ({
  endpointId,
  attempt: attempt(number, change),
  bodyBytes: 753,
  bodySha256: 'aa',
});
const SCHEDULED_AT_MS = Date.parse('2025-12-22T10:31:00.000Z');
const TOLD_AT_MS = Date.parse('2025-12-22T10:39:00.000Z');
const failed = (number: number, endpointId = 'ep_one', change: Partial<Attempt> = {}): RunFact => ({
  kind: 'attempt_failed',
  report: report(number, endpointId, change),
  atMs: TOLD_AT_MS,
});
const delivering = (endpointId = 'ep_one', change: Partial<DeliverInput> = {}): RunFact => ({
  kind: 'delivering',
  atMs: SCHEDULED_AT_MS,
  input: {
    endpoint: { ...ONE, endpointId },
    attemptsMade: 0,
    trigger: 'schedule',
    ...change,
    body: JSON.stringify({ artifacts: STATUSES }),
  } as unknown as DeliverInput,
});
const deliveredNow = (number: number, endpointId = 'ep_one'): RunFact => ({
  kind: 'delivered',
  delivered: { ...report(number, endpointId), attempt: delivered(number), recorded: true },
  atMs: TOLD_AT_MS,
});
const recording = (state: DeliveryRecord['state'], change: Partial<DeliveryRecord> = {}): RunFact => ({
  kind: 'recording',
  atMs: TOLD_AT_MS,
  record: { endpointId: 'ep_one', state, attempts: [], ...change } as DeliveryRecord,
});
const pending = (change: Partial<PendingDelivery> = {}): PendingDelivery => ({
  endpointId: 'ep_one',
  attemptsMade: 0,
  isWaiting: false,
  nextAttemptAtMs: undefined,
  ...change,
});

const state = (facts: RunFacts) => statusOf(facts)?.state;
const onlyDelivery = (facts: RunFacts) => statusOf(facts)?.deliveries[0];

describe('a redelivery that ended before its first attempt', () => {
  it('still knows what became of the artifacts, so that a further redelivery does too', () => {
    const redelivery = { cycle: 2, body: '{}', artifacts: STATUSES, alreadyEnded: [] };
    expect(statusOf(run([], { status: 'TERMINATED' }, { redelivery }))?.artifacts).toEqual(STATUSES);
  });
});

describe('an open run', () => {
  it('settles first', () => {
    expect(statusOf(run([]))).toEqual({
      workflowId: 'call-webhook/call-1',
      event: 'call.completed',
      state: 'settling',
      deliveries: [{ ...one, state: 'settling', attempts: [] }],
    });
  });

  it.each([
    ['a failed call, which has nothing to wait for', { event: 'call.failed' }],
    ['a client that settles 0 ms', { policy: { ...DEFAULT_DELIVERY_POLICY, settleDelayMs: 0 } }],
    ['a redelivery, whose body is frozen', { redelivery: { cycle: 2, body: '{}', alreadyEnded: [] } }],
  ])('does not settle for %s', (_what, input) => {
    expect(state(run([], {}, input))).toBe('delivering');
  });

  it('then fetches', () => {
    expect(state(run([{ kind: 'fetching', atMs: SCHEDULED_AT_MS }]))).toBe('fetching');
  });

  it('then delivers, and the body says what became of the artifacts', () => {
    expect(
      statusOf(run([{ kind: 'fetching', atMs: SCHEDULED_AT_MS }, delivering()], { pending: [pending()] })),
    ).toMatchObject({
      state: 'delivering',
      artifacts: STATUSES,
      deliveries: [{ state: 'delivering', attempts: [] }],
    });
  });

  it('retries after a failed attempt, and says when', () => {
    const facts = [delivering(), failed(1)];
    const at = Date.parse('2025-12-22T10:32:00.000Z');
    const waiting = pending({ attemptsMade: 1, isWaiting: true, nextAttemptAtMs: at });
    expect(statusOf(run(facts, { pending: [waiting] }))).toMatchObject({
      state: 'retrying',
      deliveries: [{ state: 'retrying', attempts: [attempt(1)], nextAttemptAt: '2025-12-22T10:32:00.000Z' }],
    });
  });

  it('names no next time while an attempt is in flight', () => {
    const facts = run([delivering(), failed(1)], { pending: [pending({ attemptsMade: 1, isWaiting: false })] });
    expect(onlyDelivery(facts)).not.toHaveProperty('nextAttemptAt');
    expect(onlyDelivery(facts)?.state).toBe('retrying');
  });

  it.each([
    ['in flight, and has told its failure', 1, { attemptsMade: 0 }, 'ep_one', true],
    ['the same, where all endpoints are asked for', 1, { attemptsMade: 0 }, undefined, true],
    ['the same, where another endpoint is asked for', 1, { attemptsMade: 0 }, 'ep_two', false],
    ['in flight, and has told nothing', 1, { attemptsMade: 1 }, 'ep_one', false],
    ['already in its wait', 1, { attemptsMade: 1, isWaiting: true }, 'ep_one', false],
    ['the last of its ladder', 5, { attemptsMade: 4 }, 'ep_one', false],
  ])('an attempt that is %s', (_what, number, shown, asked, isAbout) => {
    const next = number < 5 ? { nextAttemptAt: '2025-12-22T10:36:00.000Z' } : {};
    const facts = run([delivering(), failed(number, 'ep_one', next)], { pending: [pending(shown)] });
    const status = statusOf(facts);
    expect(status && isAboutToWait(facts, status, asked)).toBe(isAbout);
  });

  it('is retrying where one endpoint is, although another is delivered', () => {
    const facts = [delivering('ep_one'), delivering('ep_two'), deliveredNow(1, 'ep_one'), failed(1, 'ep_two')];
    const waiting = pending({ endpointId: 'ep_two', attemptsMade: 1, isWaiting: true });
    const status = statusOf(run(facts, { pending: [waiting] }, { endpoints: [ONE, TWO] }));
    expect(status?.state).toBe('retrying');
    expect(status?.deliveries).toMatchObject([
      { ...one, state: 'delivered' },
      { ...two, state: 'retrying' },
    ]);
  });

  it('shows a delivery as delivered before it is recorded', () => {
    expect(onlyDelivery(run([delivering(), failed(1), deliveredNow(2)]))).toMatchObject({
      state: 'delivered',
      attempts: [attempt(1), delivered(2)],
    });
  });
});

describe('attempts that never reported', () => {
  it('are told as unknown where the server shows that they were made', () => {
    const waiting = pending({ attemptsMade: 2, isWaiting: true });
    expect(onlyDelivery(run([delivering(), failed(2)], { pending: [waiting] }))?.attempts).toMatchObject([
      { number: 1, outcome: 'unknown', durationMs: 0 },
      { number: 2, outcome: 'http' },
    ]);
  });

  it('are told as due when the attempt before announced them', () => {
    const due = '2025-12-22T10:40:00.000Z';
    const facts = [delivering(), failed(1, 'ep_one', { nextAttemptAt: due }), deliveredNow(3)];
    expect(onlyDelivery(run(facts))?.attempts[1]).toEqual({
      number: 2,
      trigger: 'schedule',
      startedAt: due,
      durationMs: 0,
      outcome: 'unknown',
    });
  });

  it('that never reported keep what made them go, as their activity was told', () => {
    const hurried = delivering('ep_one', { attemptsMade: 1, trigger: 'retry_now' });
    const waiting = pending({ attemptsMade: 3, isWaiting: true });
    const seen = onlyDelivery(run([delivering(), failed(1), hurried], { pending: [waiting] }))?.attempts;
    expect(seen?.map(({ outcome, trigger }) => [outcome, trigger])).toEqual([
      ['http', 'schedule'],
      ['unknown', 'retry_now'],
      ['unknown', 'schedule'],
    ]);
  });

  it('count over an activity that began later in the ladder', () => {
    const waiting = pending({ attemptsMade: 3, isWaiting: true });
    expect(onlyDelivery(run([delivering()], { pending: [waiting] }))?.attempts).toHaveLength(3);
  });

  it('are what a cancel has to tell the run of, where they are the last ones', () => {
    const told = (facts: readonly RunFact[], change: Partial<RunFacts>) => {
      const status = statusOf(run(facts, change));
      return status === undefined ? undefined : unreportedAttempts(status);
    };
    const waiting = pending({ attemptsMade: 2, isWaiting: true });
    expect(told([delivering(), failed(1)], { pending: [waiting] })).toEqual({ ep_one: 2 });
    expect(told([delivering(), failed(2)], { pending: [waiting] })).toEqual({});
    expect(told([delivering(), failed(1)], { status: 'TERMINATED' })).toEqual({});
  });

  it('of another endpoint do not count', () => {
    const waiting = pending({ endpointId: 'ep_other', attemptsMade: 3, isWaiting: true });
    expect(onlyDelivery(run([delivering()], { pending: [waiting] }))?.attempts).toEqual([]);
  });
});

describe('a run that has closed', () => {
  const result: WebhookResult = {
    workflowId: 'call-webhook/call-1',
    event: 'call.completed',
    state: 'failed',
    deliveries: [
      { endpointId: 'ep_one', host: 'one.example.com', webhookId: 'msg_one', state: 'failed', attempts: [] },
    ],
  };

  it('tells the outcome it closed with, word for word', () => {
    const facts = run([delivering(), failed(1), { kind: 'closed', result, atMs: TOLD_AT_MS }], { status: 'FAILED' });
    expect(statusOf(facts)).toEqual(result);
  });

  it('as Canceled tells what was recorded', () => {
    const attempts = [attempt(1)];
    const facts = run(
      [
        delivering(),
        failed(1),
        { kind: 'cancel_asked', signal: { reason: 'wrong number' }, atMs: TOLD_AT_MS },
        recording('cancelled', { attempts }),
      ],
      { status: 'CANCELLED' },
    );
    expect(statusOf(facts)).toMatchObject({
      state: 'cancelled',
      cancelReason: 'wrong number',
      deliveries: [{ ...one, state: 'cancelled', attempts }],
    });
  });

  it('as Canceled tells of a delivery that a 2xx decided all the same', () => {
    const facts = run([delivering(), { kind: 'cancel_asked', signal: {}, atMs: TOLD_AT_MS }, deliveredNow(1)], {
      status: 'CANCELLED',
    });
    expect(statusOf(facts)?.state).toBe('delivered');
  });

  it('by force left no word: terminated, with the attempts that are known', () => {
    const facts = run([delivering(), failed(1, 'ep_one', { nextAttemptAt: '2025-12-22T10:40:00.000Z' })], {
      status: 'TERMINATED',
    });
    expect(statusOf(facts)).toMatchObject({ state: 'terminated', deliveries: [{ state: 'terminated' }] });
    // No attempt follows the last one.
    expect(onlyDelivery(facts)?.attempts).toEqual([attempt(1)]);
  });

  const stopped = (stop: AttemptsStopped): RunFact => ({
    kind: 'stopped',
    endpointId: 'ep_one',
    stop,
    atMs: TOLD_AT_MS,
  });

  it.each([
    ['EndpointGone', 'gone'],
    ['DeliveryRefused', 'refused'],
    ['WebhookAttemptFailed', 'failed'],
  ])('by force after its ladder ended (%s) tells how that ended: %s', (type, end) => {
    const announced = failed(1, 'ep_one', { nextAttemptAt: '2025-12-22T10:40:00.000Z' });
    const gaveUp = stopped({
      how: 'failed',
      type,
      isFinal: type !== 'WebhookAttemptFailed',
      isAsked: false,
      report: report(1),
    });
    const facts = run([delivering(), announced, gaveUp], { status: 'TERMINATED' });
    expect(state(facts)).toBe(end);
    expect(onlyDelivery(facts)?.attempts).toEqual([attempt(1)]);
  });

  it('by force after a ladder whose last attempts never reported tells of them as unknown: failed', () => {
    const facts = run([delivering(), failed(1), stopped({ how: 'timed_out', isAsked: false })], {
      status: 'TERMINATED',
    });
    expect(onlyDelivery(facts)).toMatchObject({ state: 'failed', reason: 'unknown' });
    const told = onlyDelivery(facts)?.attempts.map(({ number, outcome }) => [number, outcome]);
    expect(told).toEqual([
      [1, 'http'],
      [2, 'unknown'],
      [3, 'unknown'],
      [4, 'unknown'],
      [5, 'unknown'],
    ]);
  });

  it('by force after a ladder of forbidden resolved addresses was refused', () => {
    const refused = { outcome: 'refused', code: 'address_resolved' } as const;
    const last = { how: 'failed', type: 'WebhookAttemptFailed', isFinal: false, isAsked: false } as const;
    const gaveUp = stopped({ ...last, report: report(5, 'ep_one', refused) });
    expect(state(run([delivering(), gaveUp], { status: 'TERMINATED' }))).toBe('refused');
  });

  it('has the worst state of its deliveries', () => {
    const facts = [recording('delivered'), recording('gone', { endpointId: 'ep_two', reason: 'http_410' })];
    const status = statusOf(run(facts, { status: 'TERMINATED' }, { endpoints: [ONE, TWO] }));
    expect(status?.state).toBe('gone');
    expect(status?.deliveries[1]).toEqual({ ...two, state: 'gone', reason: 'http_410', attempts: [] });
  });
});

describe('the reason of a cancel', () => {
  it('is the first one given', () => {
    const asked = (signal: object): RunFact => ({ kind: 'cancel_asked', signal, atMs: TOLD_AT_MS });
    expect(statusOf(run([asked({}), asked({ reason: 'first' }), asked({ reason: 'second' })]))?.cancelReason).toBe(
      'first',
    );
  });
});

describe('what is not a run of ours', () => {
  it.each([
    ['no input', undefined],
    ['another input', { hello: 'world' }],
    ['null', null],
    ['text', 'hello'],
  ])('%s has no status', (_what, input) => {
    expect(statusOf(run([], { input: input as never }))).toBeUndefined();
  });
});

describe('a run that settles', () => {
  const startedAtMs = Date.parse('2025-12-22T10:30:00.123Z');
  const UNTIL = '2025-12-22T10:30:15.123Z';
  const until = (facts: readonly RunFact[], change: Partial<RunFacts> = {}, input: object = {}) => {
    const facts_ = run(facts, { startedAtMs, ...change }, input);
    return settlesUntil(facts_, { state: statusOf(facts_)?.state ?? 'settling' });
  };
  const asked = (signal: object): RunFact => ({ kind: 'cancel_asked', signal, atMs: TOLD_AT_MS });

  it('tells until when, whoever waits', () => {
    expect(until([])).toBe(UNTIL);
    expect(until([], { isDelayed: true })).toBe(UNTIL);
  });

  it('tells it also where a signal has cancelled it, and its start is delayed: nobody has heard it', () => {
    expect(until([asked({})], { isDelayed: true })).toBe(UNTIL);
    expect(until([asked({})])).toBeUndefined();
  });

  it('tells nothing once it has settled or closed, or where its start is not known', () => {
    expect(until([delivering()], { isDelayed: false })).toBeUndefined();
    expect(until([], { isDelayed: true, status: 'TERMINATED' })).toBeUndefined();
    expect(settlesUntil(run([], { isDelayed: true }), { state: 'settling' })).toBeUndefined();
  });

  it.each([
    ['all endpoints', undefined, [], true],
    ['one of two', 'ep_one', [], false],
    ['the other one, too', 'ep_two', [asked({ endpointId: 'ep_one' })], true],
  ])('has nothing that goes on after a cancel of %s: %#', (_what, endpointId, facts, expected) => {
    expect(leavesNothing(run(facts, {}, { endpoints: [ONE, TWO] }), endpointId)).toBe(expected);
  });
});

describe('resultOf', () => {
  it('keeps outcomes and leaves out what only an open run has', () => {
    const status = statusOf(run([recording('cancelled')], { status: 'CANCELLED' }));
    if (status === undefined) throw new Error('no status');
    const withNext = {
      ...status,
      settlesUntil: 'x',
      deliveries: status.deliveries.map((each) => ({ ...each, nextAttemptAt: 'x' })),
    };
    expect(resultOf(withNext)).toEqual({ ...status, deliveries: [{ ...one, state: 'cancelled', attempts: [] }] });
  });

  it('calls what never ended terminated', () => {
    const status = statusOf(run([delivering(), failed(1)]));
    if (status === undefined) throw new Error('no status');
    expect(resultOf(status)).toMatchObject({ state: 'terminated', deliveries: [{ state: 'terminated' }] });
  });
});

/** The health of an endpoint, from what ended, what the list shows, and what was read. */
import { describe, expect, test } from '@jest/globals';
import type { HealthFacts } from '../../../../cli/commands/endpoints/facts.ts';
import { healthOf, type EndpointHealth } from '../../../../cli/commands/endpoints/health.ts';
import { numbersFromList } from '../../../../cli/commands/endpoints/numbers-from-list.ts';
import { failingWith, lastInWords, sinceInWords } from '../../../../cli/commands/endpoints/run.ts';
import { isFailure } from '../../../../cli/commands/endpoints/since.ts';
import type { ListedRun } from '../../../../client/list-runs.ts';
import type { LiveDelivery } from '../../../../client/live-deliveries.ts';
import type { Attempt } from '../../../../contract/delivery-state.ts';

const ID = 'ep_a';
const at = (minute: number): string => `2026-06-01T12:${String(minute).padStart(2, '0')}:00.000Z`;

function attempt(minute: number, code = 'http_503'): Attempt {
  const outcome = code === 'http_200' ? 'delivered' : code.startsWith('http') ? 'http' : 'network';
  return { number: 1, trigger: 'schedule', startedAt: at(minute), durationMs: 5, outcome, code };
}

function run(change: Partial<ListedRun> = {}): ListedRun {
  return {
    workflowId: 'w',
    runId: 'run-1',
    state: 'retrying',
    startedAt: at(10),
    endpointIds: [ID],
    account: 'acct-1',
    ...change,
  };
}

function delivery(attempts: readonly Attempt[], change: Partial<LiveDelivery> = {}): LiveDelivery {
  return {
    workflowId: 'w',
    runId: 'run-1',
    cycle: 1,
    event: 'call.completed',
    endpointId: ID,
    host: 'crm.example.com',
    webhookId: 'msg_1',
    state: 'retrying',
    startedAt: at(10),
    attempts,
    nextAttemptAt: at(59),
    ...change,
  };
}

function ended(lastEndMinute: number, state: 'delivered' | 'failed' | 'gone' | 'refused', lastDelivered?: number) {
  return {
    key: ID,
    deliveries: 10,
    delivered: 8,
    refused: 0,
    accounts: 1,
    accountId: 'acct-1',
    ...(lastDelivered === undefined ? {} : { lastDeliveredAt: at(lastDelivered) }),
    lastEnd: {
      at: at(lastEndMinute),
      state,
      host: 'crm.example.com',
      code: state === 'delivered' ? 'http_200' : 'http_410',
    },
  };
}

function health(facts: Partial<HealthFacts>): EndpointHealth | undefined {
  const [only, ...others] = healthOf({ ended: [], open: [], read: [], histories: new Map(), ...facts });
  expect(others).toEqual([]);
  return only;
}

test('deliveries are those that ended in the window: none of an endpoint whose first one still runs', () => {
  expect(health({ open: [run()] })).toMatchObject({ running: 1, waiting: 1, deliveries: 0, delivered: 0, accounts: 1 });
  expect(health({ ended: [ended(20, 'delivered', 20)], open: [run()] })).toMatchObject({
    running: 1,
    deliveries: 10,
    delivered: 8,
  });
});

test.each([
  ['delivered', false],
  ['http', true],
  ['network', true],
  ['timeout', true],
  ['unknown', true],
  // Our own rules, and our own fault: the receiver had no part in it.
  ['refused', false],
  ['not_sent', false],
] as const)('an attempt that ended as %s is a failure of the receiver: %p', (outcome, expected) => {
  expect(isFailure({ outcome })).toBe(expected);
  const first = { ...attempt(12), outcome };
  const failing = health({ open: [run()], read: [delivery([first, attempt(15)])] });
  expect(failing).toMatchObject({ state: 'failing', since: at(expected ? 12 : 15) });
});

test('what endpoints fail with is counted by their last code, most first; what is well or refused is not counted', () => {
  const endpoints = (state: string, ...codes: readonly (string | undefined)[]) =>
    codes.map((lastCode) => ({ state, lastCode }) as EndpointHealth);
  const all = [
    ...endpoints('failing', 'http_503', 'dns_failed', undefined, 'dns_failed'),
    ...endpoints('refused', 'address'),
    ...endpoints('healthy', 'http_200'),
  ];
  expect(Object.entries(failingWith(all))).toEqual([
    ['dns_failed', 2],
    ['http_503', 1],
  ]);
  expect(failingWith([])).toEqual({});
});

describe('the last attempt', () => {
  const cancelledLate = (outcome: Attempt['outcome'], code: string): HealthFacts['ended'][number] => ({
    ...ended(50, 'failed', 20),
    lastEnd: { at: at(50), state: 'cancelled', code, attempt: { startedAt: at(30), durationMs: 10_000, outcome } },
  });

  test('is told by its own end, not by that of its delivery', () => {
    const shown = health({ ended: [cancelledLate('http', 'http_503')] });
    expect(shown).toMatchObject({ lastCode: 'http_503', lastAnswerAt: '2026-06-01T12:30:10.000Z' });
    expect(lastInWords(shown as EndpointHealth)).toBe('last answer http_503 at 2026-06-01T12:30:10Z');
  });

  test.each(['timeout', 'network', 'unknown'] as const)('is no answer where its outcome is %s', (outcome) => {
    const shown = health({ ended: [cancelledLate(outcome, 'timeout_headers')] });
    expect(shown).not.toHaveProperty('lastAnswerAt');
    expect(lastInWords(shown as EndpointHealth)).toBe('last attempt timeout_headers at 2026-06-01T12:30:10Z');
  });

  test('of a waiting run counts by its start against one of a delivery that a person cancelled later', () => {
    const facts = { ended: [cancelledLate('http', 'http_503')], open: [run()], read: [delivery([attempt(31, 'dns')])] };
    expect(health(facts)).toMatchObject({ lastCode: 'dns', lastAttemptAt: '2026-06-01T12:31:00.005Z' });
  });

  test('is none where our own rules refused the delivery', () => {
    const refused = { ...ended(40, 'refused', 20), refused: 5 };
    const histories = new Map([[ID, { refusedFor: ['secret_unknown'] }]]);
    const shown = health({ ended: [refused], histories });
    expect(shown).toMatchObject({ state: 'refused', refused: 5, refusedFor: ['secret_unknown'] });
    expect(shown).not.toHaveProperty('lastAttemptAt');
    expect(lastInWords(shown as EndpointHealth)).toBe('last refused: http_410');
  });
});

describe('since is', () => {
  const word = (facts: Partial<HealthFacts>): string => sinceInWords(health(facts) as EndpointHealth);

  test('exact where the log was read back to the last success, and every waiting run was read', () => {
    const histories = new Map([[ID, { lastDeliveredAt: at(1), failedAt: at(5), isWhole: true }]]);
    expect(word({ open: [run()], read: [delivery([attempt(30)])], histories })).toBe(' since 2026-06-01T12:05:00Z');
  });

  test('a bound where the log had more, or no success is known without a log', () => {
    const histories = new Map([[ID, { failedAt: at(5), isWhole: false }]]);
    expect(word({ ended: [ended(40, 'failed')], histories })).toBe(' at least since 2026-06-01T12:05:00Z');
    const open = [run()];
    expect(word({ open, read: [delivery([attempt(30)])] })).toBe(' at least since 2026-06-01T12:30:00Z');
  });

  test('a bound where a run that was not read began earlier, and exact where all of them began later', () => {
    const of = (minute: number): string =>
      word({
        ended: [ended(2, 'delivered', 2)],
        open: [run(), run({ runId: 'run-2', startedAt: at(minute) })],
        read: [delivery([attempt(30)])],
      });
    expect(of(29)).toBe(' at least since 2026-06-01T12:30:00Z');
    expect(of(31)).toBe(' since 2026-06-01T12:30:00Z');
  });

  test('about the start of a run that was not read, where nothing else is known', () => {
    expect(word({ open: [run({ startedAt: at(30) })] })).toBe(' since about 2026-06-01T12:30:00Z');
  });

  test('of an endpoint that waits for us the time since which it does, whatever failed before', () => {
    const held = delivery([attempt(11)], { state: 'waiting_for_us', waitingSince: at(20) });
    const facts = { ended: [ended(15, 'delivered', 15)], open: [run({ state: 'waiting_for_us' })], read: [held] };
    expect(health(facts)).toMatchObject({ state: 'waiting_for_us', since: at(20) });
  });
});

describe('an endpoint is', () => {
  test('healthy where its last end was delivered and nothing waits', () => {
    expect(health({ ended: [ended(20, 'delivered', 20)] })).toMatchObject({ state: 'healthy', lastCode: 'http_200' });
    expect(health({ ended: [ended(20, 'delivered', 20)] })).not.toHaveProperty('since');
  });

  test('failing since its first failure after the last success', () => {
    const facts = {
      ended: [ended(20, 'delivered', 20)],
      open: [run()],
      read: [delivery([attempt(19), attempt(25), attempt(30, 'connect_refused')], { nextAttemptAt: at(45) })],
    };
    expect(health(facts)).toMatchObject({
      state: 'failing',
      since: at(25),
      lastCode: 'connect_refused',
      lastAttemptAt: '2026-06-01T12:30:00.005Z',
      waiting: 1,
      nextAttemptAt: at(45),
      accountId: 'acct-1',
    });
  });

  test('failing by the log alone: since the failure that the log has, whatever it says of the time before', () => {
    const facts = { ended: [ended(40, 'failed', 20)], histories: new Map([[ID, { failedAt: at(31), isWhole: true }]]) };
    expect(health(facts)).toMatchObject({ state: 'failing', since: at(31) });
  });

  test('failing by the list alone: a run that waits began after the last success', () => {
    expect(health({ open: [run({ startedAt: at(30) })] })).toMatchObject({
      state: 'failing',
      since: at(30),
      waiting: 1,
    });
    const after = { ended: [ended(20, 'delivered', 20)], open: [run({ startedAt: at(21) })] };
    expect(health(after)).toMatchObject({ state: 'failing', since: at(21) });
  });

  test('recovering where it answers again and older deliveries still wait', () => {
    const facts = {
      ended: [ended(40, 'delivered', 40)],
      open: [run()],
      read: [delivery([attempt(11), attempt(30)], { nextAttemptAt: at(50) })],
    };
    expect(health(facts)).toMatchObject({
      state: 'recovering',
      lastCode: 'http_200',
      waiting: 1,
      nextAttemptAt: at(50),
    });
  });

  test.each(['gone', 'refused'] as const)('%s where that was its last end', (state) => {
    expect(health({ ended: [ended(40, state, 20)] })).toMatchObject({ state, lastCode: 'http_410' });
  });

  test('waiting for us where our side cannot send, and not where it failed itself', () => {
    const held = delivery([], { state: 'waiting_for_us', reason: 'secret_store' });
    expect(health({ open: [run({ state: 'waiting_for_us' })], read: [held] })).toMatchObject({
      state: 'waiting_for_us',
    });
    expect(health({ open: [run({ state: 'waiting_for_us' })] })).toMatchObject({ state: 'waiting_for_us' });
    const failed = delivery([attempt(30)], { state: 'waiting_for_us' });
    expect(health({ open: [run()], read: [failed] })).toMatchObject({ state: 'failing' });
  });

  test('untried where the first attempt is under way', () => {
    expect(health({ open: [run({ state: 'running' })] })).toMatchObject({ state: 'untried', waiting: 0, running: 1 });
  });
});

test('a run with several endpoints waits at the one that was read, and at none that was not', () => {
  const both = run({ endpointIds: [ID, 'ep_b'] });
  const all = healthOf({ ended: [], open: [both], read: [delivery([attempt(20)])], histories: new Map() });
  expect(all.map(({ endpointId, state, waiting }) => [endpointId, state, waiting])).toEqual([
    [ID, 'failing', 1],
    ['ep_b', 'untried', 0],
  ]);
});

test('an attempt in flight is no wait; its endpoint fails all the same', () => {
  const open = ['run-1', 'run-2', 'run-3', 'run-4'].map((runId) => run({ runId }));
  const { nextAttemptAt: _none, ...flying } = delivery([attempt(20)]);
  const read = [
    delivery([attempt(20)]),
    { ...flying, runId: 'run-2' },
    { ...flying, runId: 'run-3', state: 'delivering' as const, attempts: [] },
    { ...flying, runId: 'run-4', state: 'waiting_for_us' as const },
  ];
  expect(health({ open, read })).toMatchObject({ state: 'failing', running: 4, waiting: 2, inFlight: 2 });
  expect(health({ open: [run()], read: [flying] })).toMatchObject({ state: 'failing', waiting: 0, inFlight: 1 });
});

test('the worst comes first, and of equal ones that with most waiting runs', () => {
  const open = [
    run({ endpointIds: ['ep_b'] }),
    run({ endpointIds: ['ep_c'] }),
    run({ endpointIds: ['ep_c'], runId: 'run-2' }),
  ];
  const well = { ...ended(20, 'delivered', 20), key: 'ep_d' };
  const all = healthOf({ ended: [well, ended(20, 'gone')], open, read: [], histories: new Map() });
  expect(all.map(({ endpointId }) => endpointId)).toEqual(['ep_c', 'ep_b', ID, 'ep_d']);
});

test('without a log the list tells what ended; a failure of several endpoints is nobody’s', () => {
  const runs = [
    run({ state: 'delivered', endedAt: at(20), endpointIds: [ID, 'ep_b'] }),
    run({ state: 'failed', endedAt: at(30), endpointIds: [ID, 'ep_b'] }),
    run({ state: 'gone', endedAt: at(40), endpointIds: ['ep_b'] }),
    run({ state: 'cancelled', endedAt: at(50), endpointIds: ['ep_b'] }),
  ];
  const [a, b] = numbersFromList(runs);
  expect(a).toMatchObject({ key: ID, deliveries: 1, delivered: 1, lastEnd: { state: 'delivered', at: at(20) } });
  expect(b).toMatchObject({ key: 'ep_b', deliveries: 3, delivered: 1, lastEnd: { state: 'gone', at: at(40) } });
});

test('an account that the list has encoded is shown as it is; several accounts are counted', () => {
  expect(health({ open: [run({ account: 'acct%201' })] })).toMatchObject({ accountId: 'acct 1', accounts: 1 });
  const two = health({ open: [run(), run({ account: 'acct-2' })] });
  expect(two).toMatchObject({ accounts: 2 });
  expect(two).not.toHaveProperty('accountId');
});

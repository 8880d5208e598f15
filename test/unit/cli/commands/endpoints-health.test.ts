/** The health of an endpoint, from what ended, what the list shows, and what was read. */
import { describe, expect, test } from '@jest/globals';
import {
  healthOf,
  numbersFromList,
  type EndpointHealth,
  type HealthFacts,
} from '../../../../cli/commands/endpoints/health.ts';
import type { ListedRun } from '../../../../client/list-runs.ts';
import type { LiveDelivery } from '../../../../client/live-deliveries.ts';
import type { Attempt } from '../../../../contract/delivery-state.ts';

const ID = 'ep_a';
const at = (minute: number): string => `2026-06-01T12:${String(minute).padStart(2, '0')}:00.000Z`;

function attempt(minute: number, code = 'http_503'): Attempt {
  const outcome = code === 'http_200' ? 'delivered' : 'http';
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
    ...change,
  };
}

function ended(lastEndMinute: number, state: 'delivered' | 'failed' | 'gone' | 'refused', lastDelivered?: number) {
  return {
    key: ID,
    deliveries: 10,
    delivered: 8,
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
  const [only, ...others] = healthOf({ ended: [], open: [], read: [], failedAt: new Map(), ...facts });
  expect(others).toEqual([]);
  return only;
}

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
      lastAnswerAt: at(30),
      waiting: 1,
      nextAttemptAt: at(45),
      accountId: 'acct-1',
    });
  });

  test('failing by the log alone: since the failure that the log has, whatever it says of the time before', () => {
    const facts = { ended: [ended(40, 'failed', 20)], failedAt: new Map([[ID, at(31)]]) };
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
  const all = healthOf({ ended: [], open: [both], read: [delivery([attempt(20)])], failedAt: new Map() });
  expect(all.map(({ endpointId, state, waiting }) => [endpointId, state, waiting])).toEqual([
    [ID, 'failing', 1],
    ['ep_b', 'untried', 0],
  ]);
});

test('the worst comes first, and of equal ones that with most waiting runs', () => {
  const open = [
    run({ endpointIds: ['ep_b'] }),
    run({ endpointIds: ['ep_c'] }),
    run({ endpointIds: ['ep_c'], runId: 'run-2' }),
  ];
  const well = { ...ended(20, 'delivered', 20), key: 'ep_d' };
  const all = healthOf({ ended: [well, ended(20, 'gone')], open, read: [], failedAt: new Map() });
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

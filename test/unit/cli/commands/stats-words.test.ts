/** Numbers of `stats` for people. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DeliveryGroup } from '../../../../adapters/index.ts';
import {
  countsInWords,
  notCountedInWords,
  statsInWords,
  stillRunningInWords,
} from '../../../../cli/commands/stats/words.ts';
import { reasonsOf } from '../../../../cli/commands/stats/still-running.ts';
import { shareInWords } from '../../../../cli/commands/window.ts';
import type { LiveDelivery } from '../../../../client/live-deliveries.ts';
import { FINAL_STATES } from '../../../../contract/delivery-state.ts';

function group(states: DeliveryGroup['states'], change: Partial<DeliveryGroup> = {}): DeliveryGroup {
  const deliveries = Object.values(states).reduce((sum, count) => sum + count, 0);
  const key = '2026-06-01T12:00:00.000Z';
  return { key, deliveries, redeliveries: 0, states, attempts: 0, endpoints: 1, accounts: 1, ...change };
}

const anyGroups = fc.array(
  fc
    .record(Object.fromEntries(FINAL_STATES.map((state) => [state, fc.integer({ min: 1, max: 99 })])), {
      requiredKeys: [],
    })
    .map((states) => group(states)),
  { minLength: 1, maxLength: 5 },
);

test.each(['hour', 'account', 'endpoint', 'hour,account'] as const)('per %s the counts of the states add up', (by) => {
  const property = fc.property(anyGroups, (groups) => {
    const words = statsInWords(by, groups);
    const numbers = words.startsWith('┌')
      ? [...words.matchAll(/│ \d{4}\S+ │ (\d+) +│ (\d+) +│/g)].flatMap(([, ...cells]) => cells)
      : [...words.matchAll(/(\d+) [a-z]+(?=,| {2}|\n)/g)].flatMap(([text, count]) => (isState(text) ? count : []));
    const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
    expect(sum(numbers.map(Number))).toBe(sum(groups.map(({ deliveries }) => deliveries)));
    expect(Math.max(...words.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
  fc.assert(property, { numRuns: 100 });
});

function isState(text: string): boolean {
  return (FINAL_STATES as readonly string[]).includes(text.split(' ')[1] ?? '');
}

test('hours are a table where only successes and failures occur', () => {
  expect(statsInWords('hour', [group({ delivered: 3, failed: 1 })])).toMatch(/│ 2026-06-01T12Z │ 3 +│ 1 +│ 75\.0 %/);
});

test('accounts and endpoints name each state that occurs', () => {
  const words = statsInWords('account', [
    group({ delivered: 3, gone: 1, refused: 2, cancelled: 4 }, { key: 'acct_1' }),
  ]);
  expect(words).toContain('3 delivered, 1 gone, 2 refused, 4 cancelled');
});

test('a line has share, attempts and lateness; without a promised time it has no lateness', () => {
  const late = group(
    { delivered: 3, failed: 1 },
    { key: 'acct_1', attempts: 9, lateness: { deliveries: 4, p50Ms: 1_200, p99Ms: 65_000, maxMs: 70_000 } },
  );
  const { lateness: _none, ...unknown } = late;
  const words = (each: DeliveryGroup): string => statsInWords('account', [each]);
  expect(words(late)).toBe('acct_1\n  3 delivered, 1 failed  75.0 %  9 attempts  late p50 1.2 s, p99 65.0 s');
  expect(words(unknown)).toBe('acct_1\n  3 delivered, 1 failed  75.0 %  9 attempts');
});

test('reasons have states, endpoints and accounts; what was delivered has no line', () => {
  const { key: _none, ...delivered } = group({ delivered: 9 });
  const groups = [
    group({ failed: 33, cancelled: 1 }, { key: 'http_503', endpoints: 4 }),
    group({ refused: 5 }, { key: 'secret_unknown' }),
    delivered,
  ];
  const words = statsInWords('reason', groups);
  expect(words).toMatch(/^http_503\n {2}33 failed, 1 cancelled {2}4 endpoints {2}1 account\n/);
  expect(words).toMatch(/\nsecret_unknown\n {2}5 refused {2}1 endpoint {2}1 account$/);
  expect(words).not.toContain('delivered');
});

test('what was cancelled has a line of its own, without what was delivered', () => {
  const { key: _none, ...delivered } = group({ delivered: 9 });
  const words = statsInWords('reason', [group({ cancelled: 3 }, { key: 'cancelled' }), delivered]);
  expect(words).toBe('cancelled\n  3 cancelled  1 endpoint  1 account');
});

test('a reason tells webhooks beside deliveries, because a redelivery counts again', () => {
  const told = (webhooks: number) => statsInWords('reason', [group({ failed: 45 }, { key: 'http_503', webhooks })]);
  expect(told(15)).toBe('http_503\n  45 failed  15 webhooks  1 endpoint  1 account');
  expect(told(1)).toContain('45 failed  1 webhook  1 endpoint');
});

test('a reason names its endpoint and account if it has one of each', () => {
  const one = { key: 'http_503', endpointId: 'ep_1', accountId: 'acct_1' };
  const lastEnd = { at: '2026-06-01T12:00:00.000Z', host: 'crm.example.com', state: 'failed' as const };
  expect(statsInWords('reason', [group({ failed: 2 }, { ...one, lastEnd })])).toBe(
    'http_503\n  2 failed  crm.example.com  ep_1  account acct_1',
  );
});

describe('what still runs after a failed attempt', () => {
  const live = (change: object): LiveDelivery =>
    ({
      endpointId: 'ep_1',
      host: 'crm.example.com',
      accountId: 'acct_1',
      state: 'retrying',
      attempts: [{ code: 'http_503' }, { code: 'http_429' }],
      ...change,
    }) as unknown as LiveDelivery;

  test('has the reason of its last attempt, beside what has ended for the same reason', () => {
    const running = reasonsOf([live({}), live({ accountId: 'acct_2' }), live({ attempts: [{ outcome: 'unknown' }] })]);
    const words = statsInWords('reason', [group({ failed: 3 }, { key: 'http_429' })], running);
    expect(words).toBe(
      'http_429\n  3 failed  1 endpoint  1 account\n  2 retrying  crm.example.com  ep_1  2 accounts\n' +
        'unknown\n  1 retrying  crm.example.com  ep_1  account acct_1',
    );
  });

  test('waits for us for a reason of ours; what has ended in an open run is not counted', () => {
    const waiting = live({ state: 'waiting_for_us', reason: 'secret_store_down' });
    const ended = [live({ state: 'delivered' }), live({ state: 'failed', reason: 'http_503' })];
    expect(reasonsOf([waiting, ...ended])).toEqual([
      expect.objectContaining({ key: 'secret_store_down', deliveries: 1, states: { waiting_for_us: 1 } }),
    ]);
    expect(reasonsOf([live({}), live({ endpointId: 'ep_2' })], 'ep_2')).toMatchObject([{ endpoints: 1 }]);
  });

  test('counts each delivery under one reason', () => {
    const some = fc.array(
      fc.record({
        endpointId: fc.constantFrom('ep_1', 'ep_2'),
        accountId: fc.constantFrom('a', 'b'),
        attempts: fc.array(fc.record({ code: fc.constantFrom('http_500', 'dns_empty') }), { maxLength: 2 }),
      }),
    );
    const property = fc.property(some, (all) => {
      const reasons = reasonsOf(all.map(live));
      expect(reasons.reduce((sum, { deliveries }) => sum + deliveries, 0)).toBe(all.length);
      for (const { endpoints, endpointId, accounts, accountId } of reasons) {
        expect([endpoints === 1, accounts === 1]).toEqual([endpointId !== undefined, accountId !== undefined]);
      }
    });
    fc.assert(property, { numRuns: 100 });
  });

  test('is told with how many were read', () => {
    expect(stillRunningInWords({ webhooks: 3, read: 3, reasons: [] })).toBe(
      '3 webhooks still run after a failed attempt (above: retrying), not among the deliveries: ' +
        'topcalls-webhooks endpoints --unhealthy',
    );
    expect(stillRunningInWords({ webhooks: 900, read: 400, reasons: [] })).toContain(', of 400 that were read)');
    // Our own side kept their first attempt: they have not failed.
    const held = { key: 'secret_store_down', deliveries: 2, states: { waiting_for_us: 2 }, endpoints: 1, accounts: 1 };
    expect(stillRunningInWords({ webhooks: 2, read: 2, reasons: [held] })).toMatch(
      /^2 webhooks still run after a failed attempt or wait for us \(above: retrying, waiting_for_us\), not among/,
    );
  });
});

test('per hour and account a line names both', () => {
  const words = statsInWords('hour,account', [
    group({ delivered: 1 }, { accountId: 'acct_1' }),
    group({ delivered: 1 }, { accounts: 0 }),
  ]);
  expect(words).toMatch(/^2026-06-01T12Z {2}acct_1\n {2}1 delivered .*\n2026-06-01T12Z {2}\(no account\)\n/);
});

test('what failed and still runs is told, with the command that shows it', () => {
  expect(stillRunningInWords({ webhooks: 0 })).toBe('no webhook still runs after a failed attempt');
  expect(stillRunningInWords({ webhooks: 1, account: 'acct 1' })).toBe(
    "1 webhook still runs after a failed attempt, and is not counted above: topcalls-webhooks endpoints --unhealthy --account 'acct 1'",
  );
  expect(stillRunningInWords({ webhooks: 2, endpointId: 'ep_1' })).toMatch(/^2 webhooks .* report --endpoint ep_1$/);
  expect(stillRunningInWords({ problem: 'no Temporal server' })).toMatch(/is not known: no Temporal server$/);
});

test('terminated webhooks that the log lacks are told, with the command that records them', () => {
  const since = '2026-06-01T00:00:00.000Z';
  const told = (terminatedNotInLog: object) =>
    notCountedInWords({ stillRunning: { webhooks: 0 }, terminatedNotInLog }, since).slice(1);
  const reconcile = 'topcalls-webhooks reconcile --since 2026-06-01T00:00:00.000Z';
  const tail = `not in the log yet, and not counted above: ${reconcile}`;
  expect(told({ deliveries: 0, isWhole: true })).toEqual([]);
  expect(told({ deliveries: 1, isWhole: true })).toEqual([`1 delivery of terminated runs is ${tail}`]);
  expect(told({ deliveries: 3, isWhole: false })).toEqual([`at least 3 deliveries of terminated runs are ${tail}`]);
  expect(told({ problem: 'no Temporal server' })).toEqual([
    'whether the log lacks terminated webhooks is not known: no Temporal server',
  ]);
  // Only per reason Temporal is asked what still runs.
  expect(notCountedInWords({ terminatedNotInLog: { deliveries: 1, isWhole: true } }, since)).toHaveLength(1);
});

test('one of a thing is no several', () => {
  expect(countsInWords([group({ delivered: 1 })])).toBe('1 delivery,');
  expect(statsInWords('account', [group({ delivered: 1 }, { attempts: 1 })])).toMatch(/ {2}1 attempt$/);
});

test('redeliveries are told, because they count again', () => {
  expect(countsInWords([group({ delivered: 2 })])).toBe('2 deliveries,');
  expect(countsInWords([group({ delivered: 2 }, { redeliveries: 1 })])).toMatch(/1 of them a redelivery, which counts/);
  expect(countsInWords([group({ delivered: 4 }, { redeliveries: 2 })])).toMatch(/2 of them redeliveries, which count/);
});

test.each([
  [4, 11, '36.4 %'],
  [2, 3, '66.7 %'],
  [1, 1, '100.0 %'],
  [99_999, 100_000, '99.9 %'],
  [1, 100_000, '0.1 %'],
  [0, 5, '0.0 %'],
  [0, 0, undefined],
])('%i of %i is %s', (part, all, words) => {
  expect(shareInWords(part, all)).toBe(words);
});

/** Numbers of `stats` for people. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DeliveryGroup } from '../../../../adapters/index.ts';
import { countsInWords, statsInWords, stillRunningInWords } from '../../../../cli/commands/stats/words.ts';
import { shareInWords } from '../../../../cli/commands/window.ts';
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

test('what was cancelled or terminated without a code has its state as the reason', () => {
  const { key: _none, ...group1 } = group({ delivered: 9, cancelled: 3 });
  expect(statsInWords('reason', [group1])).toMatch(/^cancelled\n {2}3 cancelled /);
  expect(statsInWords('reason', [{ ...group1, states: { cancelled: 3, terminated: 1 } }])).toMatch(
    /^cancelled, terminated\n {2}3 cancelled, 1 terminated /,
  );
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

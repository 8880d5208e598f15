/** What `limit` reads and prints. With a real server: test/integration/limit.test.ts. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { limitCommand } from '../../../../cli/commands/limit/command.ts';
import { readAccount, readRate, readWeight } from '../../../../cli/commands/limit/read-options.ts';
import { changesInWords, limitsInShort, limitsInWords, rateInWords } from '../../../../cli/commands/limit/words.ts';
import { runInProcess } from '../../../support/in-process-cli.ts';

test.each([
  ['50/s', 50],
  ['0.5/s', 0.5],
  ['300/min', 5],
  ['36/h', 0.01],
  ['1/h', 1 / 3_600],
  ['100000/s', 100_000],
])('the rate %s is %p per second', (text, perSecond) => {
  expect(readRate(text)).toBeCloseTo(perSecond, 9);
});

test.each([
  '50',
  '50/S',
  '50/m',
  '0/s',
  '0.5/h',
  '100001/s',
  '-1/s',
  '1e3/s',
  ' 50/s',
  '50 /s',
  '/s',
  'x/s',
  '5//s',
  '',
])('%p is no rate, and the error says which there are', (text) => {
  expect(() => readRate(text)).toThrow('like 50/s, 300/min or 0.5/s: from 1/h to 100000/s');
});

test('a rate is printed as it is written', () => {
  for (const text of ['50/s', '1/s', '30/min', '1/min', '36/h', '1/h', '2.5/s']) {
    expect(rateInWords({ perSecond: readRate(text) })).toBe(text);
  }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_999 }), (count) => {
      expect(rateInWords({ perSecond: readRate(`${count}/s`) })).toBe(`${count}/s`);
    }),
  );
});

test('weights are read by account, in the form in which the server knows it', () => {
  expect(readWeight('acct_small=0.5', readWeight('acct_big=5'))).toEqual({ acct_big: 5, acct_small: 0.5 });
  expect(readWeight('a=b=2')).toEqual({ 'a=b': 2 });
  expect(readWeight('Café & Co=3')).toEqual({ 'Caf__&_Co': 3 });
  expect(readAccount('acct_2', readAccount('acct_1'))).toEqual(['acct_1', 'acct_2']);
});

test.each(['acct_big', 'acct_big=', '=5', 'acct_big=0', 'acct_big=1001', 'acct_big=-1', 'acct_big=0.0001', 'a=5x', ''])(
  '%p is no weight',
  (text) => {
    expect(() => readWeight(text)).toThrow('Give an account and its weight from 0.001 to 1000, like acct_big=5.');
  },
);

test('one account has one weight', () => {
  expect(() => readWeight('acct_big=2', readWeight('acct_big=5'))).toThrow('The weight of acct_big is there twice.');
});

test('what is set is shown with who set it, and what a weight makes of the limit', () => {
  const limits = {
    perAccount: { perSecond: 10, by: 'ann@desk', at: '2026-06-01T10:00:00.000Z', reason: 'ticket 4711' },
    weights: { acct_big: 5, acct_small: 0.5 },
  };
  expect(limitsInWords(limits).split('\n')).toEqual([
    'per account\t10/s\tset by ann@desk 2026-06-01T10:00:00.000Z\tticket 4711',
    'queue\tno limit',
    'weight\tacct_big\t5, which is 50/s',
    'weight\tacct_small\t0.5, which is 5/s',
  ]);
  expect(limitsInWords({ weights: {} }).split('\n')).toEqual([
    'per account\tno limit',
    'queue\tno limit',
    'weights\tnone: every account has 1',
  ]);
  expect(limitsInShort(limits)).toBe('10/s per account, 2 accounts have weights');
  expect(limitsInShort({ queue: { perSecond: 500 }, weights: { a: 1 } })).toBe('500/s in all, 1 account has a weight');
  expect(limitsInShort({ weights: {} })).toBe('none');
});

test('of a change, only what differs is told', () => {
  const before = { queue: { perSecond: 500 }, weights: { acct_big: 5 } };
  const after = { queue: { perSecond: 500 }, perAccount: { perSecond: 10 }, weights: { acct_new: 2 } };
  expect(changesInWords(before, after)).toEqual([
    'per account\tno limit → 10/s',
    'weight of acct_big\t5 → 1, which is 10/s',
    'weight of acct_new\t1 → 2, which is 20/s',
  ]);
  expect(changesInWords(after, after)).toEqual([]);
});

test.each<[string[], string]>([
  [['set'], 'set what? Name --per-account <rate>, --queue <rate> or --weight <account=weight>'],
  [['unset'], 'unset what? Name --per-account, --queue, --weight <account> or --all'],
])('%j without more is exit code 2, before any server is asked', async (args, words) => {
  expect(await runInProcess(limitCommand, args)).toEqual({ code: 2, stdout: '', stderr: words });
});

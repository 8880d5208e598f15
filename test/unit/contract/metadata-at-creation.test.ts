/** Metadata when a call or campaign is created: what JSON would change is refused, while its creator can fix it. */
import { describe, expect, it } from '@jest/globals';
import { InvalidInputError, parseWebhookConfig } from '../../../contract/index.ts';

const parse = (metadata: unknown) => parseWebhookConfig({ metadata }, 'call');

function refusal(metadata: unknown): InvalidInputError {
  try {
    parse(metadata);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

const NOT_JSON = 'JSON cannot carry it; use a string, a number, a boolean, null, an array or an object';
const FINITE = 'numbers must be finite';
const FRACTION =
  'fractions must have a size from 0.0001 to below 1e15: others are written with exponents; send a string';
const INTEGER = 'integers must lie within ±(2^53 - 1); send a string';
const PLAIN = 'plain objects only; turn dates and class instances into strings or numbers';
const KEY = (name: string) => `the key ${name} is refused: it pollutes prototypes at careless receivers`;

class Money {
  readonly amount = 5;
}

describe('metadata that JSON would change is refused, with field, kind of value and rule', () => {
  it.each([
    ['NaN', Number.NaN, `NaN: ${FINITE}`],
    ['Infinity', Number.POSITIVE_INFINITY, `Infinity: ${FINITE}`],
    ['-Infinity', Number.NEGATIVE_INFINITY, `-Infinity: ${FINITE}`],
    ['negative zero', -0, 'negative zero: negative zero becomes 0 in JSON; send 0'],
    ['a BigInt', 12n, `a bigint: ${NOT_JSON}`],
    ['a function', () => 1, `a function: ${NOT_JSON}`],
    ['a symbol', Symbol('s'), `a symbol: ${NOT_JSON}`],
    ['a Date', new Date(0), `an instance of Date: ${PLAIN}`],
    ['a class instance', new Money(), `an instance of Money: ${PLAIN}`],
    ['a Map', new Map(), `an instance of Map: ${PLAIN}`],
    ['a boxed number', Object(5), `an instance of Number: ${PLAIN}`],
    ['a fraction below 0.0001', 0.00009, `a fraction: ${FRACTION}`],
    ['a fraction that is written with an exponent', 1e-7, `a fraction: ${FRACTION}`],
    ['a negative fraction below 0.0001', -0.00001, `a fraction: ${FRACTION}`],
    ['a fraction from 1e15 on', 1_000_000_000_000_000.5, `a fraction: ${FRACTION}`],
    ['an integer above 2^53 - 1', 9_007_199_254_740_992, `an integer: ${INTEGER}`],
    ['an integer below -(2^53 - 1)', -9_007_199_254_740_992, `an integer: ${INTEGER}`],
    ['an integer that is written with an exponent', 1e21, `an integer: ${INTEGER}`],
  ])('%s', (_what, value, problem) => {
    expect(refusal({ order: { lines: [0, value] } }).problems).toEqual([{ field: 'metadata.order.lines[1]', problem }]);
  });

  it.each([
    ['undefined in a list', [1, undefined, 3]],
    // oxlint-disable-next-line no-sparse-arrays -- the hole is what is tested
    ['a list with a hole', [1, , 3]],
  ])('%s', (_what, tags) => {
    expect(refusal({ tags }).problems).toEqual([{ field: 'metadata.tags[1]', problem: `undefined: ${NOT_JSON}` }]);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('the key %s, at any depth', (key) => {
    const parsed: unknown = JSON.parse(`{"form":{"${key}":{"admin":true}}}`);
    expect(refusal(parsed).problems).toEqual([{ field: `metadata.form.${key}`, problem: `an object: ${KEY(key)}` }]);
  });

  it('more than 20 levels: 20 pass, 21 and 5,000 do not', () => {
    const nested = (levels: number): unknown => {
      let value: unknown = {};
      for (let level = 1; level < levels; level += 1) value = { in: value };
      return value;
    };
    expect(() => parse(nested(20))).not.toThrow();
    for (const levels of [21, 5_000]) {
      expect(refusal(nested(levels)).problems).toContainEqual({
        field: `metadata${'.in'.repeat(20)}`,
        problem: 'an object: at most 20 levels deep',
      });
    }
  });

  it('an object that contains itself', () => {
    const value: Record<string, unknown> = {};
    value['self'] = { back: value };
    expect(refusal(value).problems).toEqual([
      { field: 'metadata.self.back', problem: 'an object: an object that contains itself has no JSON' },
    ]);
  });

  it('more than 50 keys', () => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
    expect(Object.keys(parse(keys(50)).metadata ?? {})).toHaveLength(50);
    for (const count of [51, 1_000]) {
      expect(refusal(keys(count)).problems).toEqual([
        { field: 'metadata', problem: `an object of ${count} keys: at most 50 are allowed` },
      ]);
    }
  });

  it('more than 16 KiB of JSON, counted in UTF-8', () => {
    // {"note":"…"} is 11 bytes around the text, ü is two.
    const ofBytes = (bytes: number) => ({
      note: `${'ü'.repeat((bytes - 11) >> 1)}${(bytes - 11) % 2 === 0 ? '' : 'a'}`,
    });
    expect(parse(ofBytes(16_384))).toBeDefined();
    for (const bytes of [16_385, 5_000_000]) {
      expect(refusal(ofBytes(bytes)).problems).toEqual([
        { field: 'metadata', problem: `an object of ${bytes} bytes as JSON: at most 16384 are allowed` },
      ]);
    }
  });

  it.each([
    ['a list', ['a'], 'an array'],
    ['text', 'patient pat_123', 'a string of 15 characters'],
    ['a number', 7, 'an integer'],
    ['a Map', new Map([['a', 1]]), 'an instance of Map'],
  ])('%s in the place of the object', (_what, value, kind) => {
    const { problems } = refusal(value);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ field: 'metadata' });
    expect(problems[0]?.problem.startsWith(`${kind}: `)).toBe(true);
    expect(problems[0]?.problem.split(kind)).toHaveLength(2);
  });
});

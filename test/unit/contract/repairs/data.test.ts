/** Metadata after the call: everything JSON can carry is sent, the rest is replaced and told. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonOf, metadataOf } from '../../../../contract/repairs/data.ts';
import { RepairList } from '../../../../contract/repairs/repair-list.ts';

function repaired(value: unknown) {
  const list = new RepairList();
  const metadata = metadataOf(value, list);
  return { metadata, told: list.notices.map(({ code, field, problem }) => `${code} ${field}: ${problem}`) };
}

class Money {
  readonly amount = 5;
}

describe('in metadata', () => {
  it.each<[string, unknown, unknown, string]>([
    ['NaN', Number.NaN, null, 'NaN: null is sent'],
    ['Infinity', Number.NEGATIVE_INFINITY, null, '-Infinity: null is sent'],
    ['negative zero', -0, 0, 'negative zero: 0 is sent'],
    ['a BigInt', 12n, '12', 'a bigint: sent as text'],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z', 'an instance of Date: sent as a string of 24 characters'],
    ['an invalid Date', new Date(Number.NaN), null, 'an instance of Date: sent as null'],
    ['a class instance', new Money(), { amount: 5 }, 'an instance of Money: sent as an object'],
    ['a Map', new Map([['a', 1]]), { a: 1 }, 'an instance of Map: sent as an object'],
    ['a Set', new Set([1, 2]), [1, 2], 'an instance of Set: sent as an array'],
    ['an Error', new TypeError('busy'), 'busy', 'an instance of TypeError: sent as a string of 4 characters'],
    ['bytes', Buffer.from('abc'), null, 'an instance of Buffer: sent as null'],
    ['a boxed number', Object(5), 5, 'an instance of Number: sent as an integer'],
    ['NUL', 'a\u0000b', 'a\uFFFDb', 'U+0000 or half a character became U+FFFD'],
    ['half an emoji', 'a\uD83D', 'a\uFFFD', 'U+0000 or half a character became U+FFFD'],
  ])('%s', (_what, value, sent, problem) => {
    expect(repaired({ order: { lines: [0, value] } })).toEqual({
      metadata: { order: { lines: [0, sent] } },
      told: [`repaired metadata.order.lines[1]: ${problem}`],
    });
  });

  it.each<[string, unknown, string]>([
    ['a fraction below 0.0001', 0.000_09, 'a fraction'],
    ['a fraction with an exponent', 1e-7, 'a fraction'],
    ['an integer above 2^53 - 1', 2 ** 53, 'an integer'],
    ['an integer with an exponent', -1e21, 'an integer'],
  ])('%s is sent as it is, and told: some languages write it differently', (_what, value, kind) => {
    expect(repaired({ a: value })).toEqual({
      metadata: { a: value },
      told: [`odd_value metadata.a: ${kind}: some receivers read another number; send a text`],
    });
  });

  it('functions, symbols and undefined are left out; in a list null keeps their place', () => {
    const { metadata, told } = repaired({ a: () => 1, b: Symbol('b'), c: undefined, d: [1, undefined, () => 1] });
    expect(metadata).toEqual({ d: [1, null, null] });
    expect(told.map((line) => line.split(':')[0])).toEqual([
      'repaired metadata.a',
      'repaired metadata.b',
      'repaired metadata.d[1]',
      'repaired metadata.d[2]',
    ]);
  });

  it('the key __proto__ is left out at any depth; constructor and prototype are ordinary data', () => {
    const parsed: unknown = JSON.parse('{"form":{"__proto__":{"admin":true},"constructor":"ACME","prototype":1}}');
    const { metadata, told } = repaired(parsed);
    expect(JSON.stringify(metadata)).toBe('{"form":{"constructor":"ACME","prototype":1}}');
    expect(told).toEqual([
      'repaired metadata.form.__proto__: left out: this key pollutes prototypes at careless receivers',
    ]);
  });

  it('keys are cleaned; of two that become the same the first one stays', () => {
    const { metadata, told } = repaired({ '\uD83D': 1, '\uFFFD': 2 });
    expect(metadata).toEqual({ '\uFFFD': 1 });
    expect(told).toEqual([
      'repaired metadata.…: U+0000 or half a character became U+FFFD',
      'repaired metadata.…: left out: another key is the same once it is cleaned',
    ]);
  });

  it('what lies deeper than 20 levels is null', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 'leaf' : { in: nested(levels - 1) });
    expect(repaired(nested(20)).told).toEqual([]);
    const { metadata, told } = repaired(nested(21));
    expect(JSON.stringify(metadata)).toContain('{"in":null}');
    expect(told[0]).toContain('an object: null is sent; at most 20 levels');
  });

  it('an object that contains itself is null there', () => {
    const value: Record<string, unknown> = { a: 1 };
    value['self'] = value;
    expect(repaired(value)).toEqual({
      metadata: { a: 1, self: null },
      told: ['repaired metadata.self: an object that contains itself: null is sent'],
    });
  });

  it('fields that throw are left out, and objects that throw are null', () => {
    const fail = (): never => {
      throw new Error('a bug of the host');
    };
    const value = { good: 1, list: [new Proxy([], { get: fail })], json: { toJSON: fail } };
    Object.defineProperty(value, 'bad', { get: fail, enumerable: true });
    const { metadata, told } = repaired(value);
    expect(metadata).toEqual({ good: 1, list: [null], json: {} });
    expect(told.join('\n')).toContain('metadata.bad: reading it throws an error: left out');
  });
});

describe('metadata as a whole', () => {
  it.each<[string, unknown, object]>([
    ['JSON text of an object', '{"a":1}', { a: 1 }],
    ['a Map', new Map([['a', 1]]), { a: 1 }],
    ['a class instance', new Money(), { amount: 5 }],
    ['JSON text of a list', '[1]', {}],
    ['other text', 'patient pat_123', {}],
    ['a number', 7, {}],
    ['a list', ['a'], {}],
    ['a Date', new Date(0), {}],
    ['a Set', new Set([1]), {}],
    ['a function', () => 1, {}],
  ])('may come as %s', (_what, value, sent) => {
    const { metadata, told } = repaired(value);
    expect(metadata).toEqual(sent);
    expect(told.length).toBeGreaterThan(0);
    expect(told.join()).not.toContain('pat_123');
  });

  it.each([undefined, null, ''])('is {} where it is %p, without a word', (value) => {
    expect(repaired(value)).toEqual({ metadata: {}, told: [] });
  });

  it('is sent whole with more keys and bytes than receivers are promised, and told', () => {
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, index]));
    expect(repaired(many).metadata).toEqual(many);
    expect(repaired(many).told).toEqual([
      'odd_value metadata: an object of 51 keys: sent whole; at most 50 are promised to receivers',
    ]);
    const large = { note: 'ü'.repeat(8_187) };
    expect(repaired(large).metadata).toEqual(large);
    expect(repaired(large).told).toEqual([
      'odd_value metadata: an object of 16385 bytes as JSON: sent whole; at most 16384 are promised to receivers',
    ]);
  });

  it('is {} where it is larger than ten copies of a body can carry: at the bound, one above, far above', () => {
    // {"note":"…"} has four quotes and two braces besides its letters, and each quote has two bytes in a JSON string.
    const of = (length: number) => ({ note: 'x'.repeat(length) });
    const around = JSON.stringify(JSON.stringify(of(0))).length;
    expect(repaired(of(98_304 - around)).metadata).toEqual(of(98_304 - around));
    for (const bytes of [98_305, 10_000_000]) {
      const { metadata, told } = repaired(of(bytes - around));
      expect(metadata).toEqual({});
      expect(told).toEqual(['repaired metadata: larger than 98304 bytes can carry: {} is sent']);
    }
  });

  it.each([
    [49_152, 49_152],
    [49_153, 49_153],
    [4_000_000, 49_153],
  ])('with a list of %i values is read to value %i, and is {}', (length, last) => {
    let read = 0;
    const list = new Proxy(Array.from<number>({ length }), {
      get: (target, name) => {
        if (/^\d+$/.test(String(name))) read = Math.max(read, Number(name) + 1);
        return name === 'length' ? target.length : 1;
      },
    });
    expect(repaired({ list }).metadata).toEqual({});
    expect(read).toBeLessThanOrEqual(last);
  });

  it('is {} with a million values, a list of four billion places, or one list named three to the thirtieth times', () => {
    const shared = Array.from({ length: 18 }).reduce<unknown>((inner) => [inner, inner, inner], 'leaf');
    const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 1]));
    for (const value of [{ shared }, keys, { in: keys }, { list: Object.assign([], { length: 4_294_967_295 }) }]) {
      expect(repaired(value)).toEqual({
        metadata: {},
        told: ['repaired metadata: larger than 98304 bytes can carry: {} is sent'],
      });
    }
  });

  it('of too many keys is not read: no value of it is looked at', () => {
    let read = 0;
    const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 1]));
    Object.defineProperty(keys, 'k0', { get: () => (read += 1), enumerable: true });
    expect(repaired(keys).metadata).toEqual({});
    expect(read).toBe(0);
  });

  it('tells at most six places of it', () => {
    const { told } = repaired({ list: Array.from({ length: 1_000 }, () => Number.NaN) });
    expect(told).toHaveLength(6);
    expect(told.at(-1)).toBe('repaired metadata: more places of this kind');
  });

  it('never tells a value, nor a key that may be personal', () => {
    const { told } = repaired({ '+14155550199': -0, 'john@example.com': -0, plain_key: Object('+14155550199') });
    expect(told.join()).not.toMatch(/14155550199|john/);
    expect(told.join()).toContain('metadata.plain_key');
  });

  it('survives parsing and rendering again, whatever came', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true }), (value) => {
        const text = JSON.stringify(repaired({ value }).metadata);
        expect(JSON.stringify(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it('is left alone where JSON carries it: nothing is changed and nothing is told', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
        (value) => {
          expect(repaired(value)).toEqual({ metadata: { ...value }, told: [] });
        },
      ),
    );
  });
});

it('jsonOf writes any object as JSON, and is undefined for what is too large or throws', () => {
  expect(jsonOf({ code: 486, at: new Date(0) })).toBe('{"code":486,"at":"1970-01-01T00:00:00.000Z"}');
  expect(jsonOf({ note: 'x'.repeat(100_000) })).toBeUndefined();
  expect(jsonOf(() => 1)).toBeUndefined();
});

it.each([
  ['bigints', (index: number) => [`key_${index}`, 10n ** 10_000n] as const],
  ['texts', (index: number) => [`key_${index}`, 'x'.repeat(10_000)] as const],
  ['keys', (index: number) => [`key_${index}${'x'.repeat(10_000)}`, index] as const],
])('reading ends where the sum of the %s is larger than can be sent', (_what, entry) => {
  let reads = 0;
  const data = {};
  for (let index = 0; index < 1_000; index += 1) {
    const [key, value] = entry(index);
    const get = () => {
      reads += 1;
      return value;
    };
    Object.defineProperty(data, key, { enumerable: true, get });
  }
  expect(repaired(data).metadata).toEqual({});
  expect(jsonOf(data)).toBeUndefined();
  expect(reads).toBeLessThan(25);
});

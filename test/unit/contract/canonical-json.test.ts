import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanText, dataProblems, kindOf } from '../../../contract/canonical-json.ts';

describe('data that JSON carries unchanged', () => {
  it.each([
    ['text, also empty and beyond ASCII', { a: '', b: 'Grüße, 你好, 👋', c: 'quotes " and \\ and \u2028' }],
    ['true, false and null', { yes: true, no: false, nothing: null }],
    ['the largest and smallest safe integers', { max: 9_007_199_254_740_991, min: -9_007_199_254_740_991, zero: 0 }],
    ['fractions from 0.0001 on', { least: 0.0001, minus: -0.0001, price: 19.99 }],
    ['fractions below 1e15', { most: 999_999_999_999_999.9, minus: -999_999_999_999_999.9 }],
    ['lists in lists', { list: [[1, [2]], []] }],
    ['objects without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['a property that is undefined, which is simply not there', { gone: undefined, here: 1 }],
  ])('%s is accepted', (_what, value) => {
    expect(dataProblems(value)).toEqual([]);
  });

  it('comes back byte for byte after parsing and rendering again', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withSparseArray: true, maxDepth: 4 }), (value) => {
        fc.pre(value !== undefined && dataProblems(value).length === 0);
        const text = JSON.stringify(value);
        expect(JSON.stringify(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it('may be 20 levels deep, the outermost object counted', () => {
    expect(dataProblems(nested(20))).toEqual([]);
    expect(dataProblems(nested(21))).toMatchObject([{ rule: 'at most 20 levels deep' }]);
  });

  it('may name one object twice, as long as it does not contain itself', () => {
    const address = { city: 'Graz' };
    expect(dataProblems({ home: address, work: address })).toEqual([]);
  });
});

describe('data that names itself', () => {
  it('is refused with the place where the circle closes', () => {
    const value: Record<string, unknown> = { a: { b: 1 } };
    (value['a'] as Record<string, unknown>)['self'] = value;
    expect(dataProblems(value)).toEqual([
      { path: ['a', 'self'], kind: 'an object', rule: 'an object that contains itself has no JSON' },
    ]);
  });

  it('is refused at once, however many circles there are', () => {
    const { counted, reads } = readCounter();
    const value: Record<string, unknown> = {};
    const root = counted(value);
    for (let index = 0; index < 50; index += 1) value[`self${index}`] = root;
    expect(dataProblems(root)).toHaveLength(50);
    expect(reads()).toBe(1);
  });

  it('is refused at once where shared parts would unfold into billions', () => {
    let value: unknown = 'lol';
    const { counted, reads } = readCounter();
    for (let level = 0; level < 18; level += 1) value = counted({ a: value, b: value, c: value, d: value });
    expect(dataProblems(value)).toMatchObject([{ rule: 'at most 16384 values in all' }]);
    // An object in four values, as each object holds four.
    expect(reads()).toBe(4_105);
  });

  it('is refused at once where a list claims four billion empty places', () => {
    // oxlint-disable-next-line unicorn/no-new-array -- the empty places are what is tested
    expect(dataProblems({ list: new Array(4_294_967_295) })).toMatchObject([
      { path: ['list'], rule: 'at most 16384 values in all' },
    ]);
  });
});

describe('the problems of one input', () => {
  it('are all told, each with its place', () => {
    expect(dataProblems({ a: Number.NaN, b: [1, undefined] })).toEqual([
      { path: ['a'], kind: 'NaN', rule: 'numbers must be finite' },
      {
        path: ['b', 1],
        kind: 'undefined',
        rule: 'JSON cannot carry it; use a string, a number, a boolean, null, an array or an object',
      },
    ]);
  });

  it('are told up to fifty, so that an error stays readable', () => {
    expect(dataProblems(Array.from({ length: 10_000 }, () => Number.NaN))).toHaveLength(50);
  });
});

describe('kindOf', () => {
  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [[1, 2], 'an array'],
    [{ secret: 1 }, 'an object'],
    ['', 'an empty string'],
    ['hush', 'a string of 4 characters'],
    [4_155_551_234, 'an integer'],
    [2.5, 'a fraction'],
    [-0, 'negative zero'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [12n, 'a bigint'],
    [true, 'a boolean'],
    [Symbol('hush'), 'a symbol'],
    [() => 'hush', 'a function'],
    [new Date(0), 'an instance of Date'],
    [new Map(), 'an instance of Map'],
    [
      new (class {
        readonly id = 1;
      })(),
      'an instance of a class',
    ],
  ])('calls %p %s', (value, words) => {
    expect(kindOf(value)).toBe(words);
  });

  it('never tells the value itself', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 30 }), (text) => {
        expect(kindOf(text)).not.toContain(text);
      }),
    );
  });
});

describe('cleanText', () => {
  it.each([
    ['a lone high surrogate', 'a\uD83D!', 'a\uFFFD!'],
    ['a lone low surrogate', '\uDC4B', '\uFFFD'],
    ['U+0000', 'a\u0000b\u0000', 'a\uFFFDb\uFFFD'],
  ])('turns %s into U+FFFD', (_what, text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  it('leaves whole characters alone', () => {
    expect(cleanText('Grüße, 👋\n\t')).toBe('Grüße, 👋\n\t');
  });
});

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = { in: value };
  return value;
}

/** Counts how often the properties of the objects that went through `counted` are listed. */
function readCounter(): { counted: (value: object) => object; reads: () => number } {
  let count = 0;
  const ownKeys = (target: object): (string | symbol)[] => {
    count += 1;
    return Reflect.ownKeys(target);
  };
  return { counted: (value) => new Proxy(value, { ownKeys }), reads: () => count };
}

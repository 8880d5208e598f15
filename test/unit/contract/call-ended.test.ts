/** The door for every ended call: what it takes, what it changes, and how it refuses. */
import { describe, expect, it } from '@jest/globals';
import { callEndedSchema, InvalidInputError, type CallEnded } from '../../../contract/index.ts';
import { parseInput } from '../../../contract/schemas/invalid-input.ts';
import { aCall, aFailedCall } from '../../support/builders.ts';

const parse = (call: unknown) => parseInput(callEndedSchema, call, 'ended call');

/** The problems the door names, and the message it gives them in. */
function refusal(call: unknown): InvalidInputError {
  try {
    parse(call);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error('the call was accepted');
}

const metadata = (value: unknown): CallEnded => aCall({ metadata: value });
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
    expect(refusal(metadata({ order: { lines: [0, value] } })).problems).toEqual([
      { field: 'metadata.order.lines[1]', problem },
    ]);
  });

  it.each([
    ['undefined in a list', [1, undefined, 3]],
    // oxlint-disable-next-line no-sparse-arrays -- the hole is what is tested
    ['a list with a hole', [1, , 3]],
  ])('%s', (_what, tags) => {
    expect(refusal(metadata({ tags })).problems).toEqual([
      { field: 'metadata.tags[1]', problem: `undefined: ${NOT_JSON}` },
    ]);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('the key %s, at any depth', (key) => {
    const parsed: unknown = JSON.parse(`{"form":{"${key}":{"admin":true}}}`);
    expect(refusal(metadata(parsed)).problems).toEqual([
      { field: `metadata.form.${key}`, problem: `an object: ${KEY(key)}` },
    ]);
  });

  it('more than 20 levels', () => {
    let value: unknown = {};
    for (let level = 0; level < 20; level += 1) value = { in: value };
    expect(refusal(metadata(value)).problems).toEqual([
      { field: `metadata${'.in'.repeat(20)}`, problem: 'an object: at most 20 levels deep' },
    ]);
  });

  it('an object that contains itself', () => {
    const value: Record<string, unknown> = {};
    value['self'] = { back: value };
    expect(refusal(metadata(value)).problems).toEqual([
      { field: 'metadata.self.back', problem: 'an object: an object that contains itself has no JSON' },
    ]);
  });

  it('more than 50 keys', () => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
    expect(Object.keys(parse(metadata(keys(50))).metadata)).toHaveLength(50);
    expect(refusal(metadata(keys(51))).problems).toEqual([
      { field: 'metadata', problem: 'an object of 51 keys: at most 50 are allowed' },
    ]);
  });

  it('more than 16 KiB of JSON, counted in UTF-8', () => {
    // {"note":"…"} is 11 bytes around the text, ü is two.
    expect(parse(metadata({ note: `${'ü'.repeat(8_186)}a` }))).toBeDefined();
    expect(refusal(metadata({ note: 'ü'.repeat(8_187) })).problems).toEqual([
      { field: 'metadata', problem: 'an object of 16385 bytes as JSON: at most 16384 are allowed' },
    ]);
  });

  it.each([
    ['a list', ['a'], 'an array'],
    ['text', 'patient pat_123', 'a string of 15 characters'],
    ['a number', 7, 'an integer'],
    ['a Map', new Map([['a', 1]]), 'an instance of Map'],
  ])('%s in the place of the object', (_what, value, kind) => {
    const { problems } = refusal(metadata(value));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ field: 'metadata' });
    expect(problems[0]?.problem.startsWith(`${kind}: `)).toBe(true);
    expect(problems[0]?.problem.split(kind)).toHaveLength(2);
  });
});

describe('a refusal', () => {
  it('names every problem at once', () => {
    const { problems } = refusal(
      aCall({ call_id: 'a b', duration: -1, created_at: 'today', metadata: { a: Number.NaN } }),
    );
    expect(problems).toEqual([
      {
        field: 'call_id',
        problem: 'a string of 3 characters: allowed are 1 to 200 characters out of A–Z a–z 0–9 . _ : -',
      },
      { field: 'duration', problem: 'an integer: must be minutes, a number from 0 up' },
      {
        field: 'created_at',
        problem: 'a string of 5 characters: must be an ISO 8601 time with Z or an offset, such as 2025-12-22T10:30:05Z',
      },
      { field: 'metadata.a', problem: `NaN: ${FINITE}` },
    ]);
  });

  it('has a stable code, is not retryable, and says all in its message', () => {
    const error = refusal(aCall({ call_id: '' }));
    expect(error).toMatchObject({ name: 'InvalidInputError', code: 'invalid_input', retryable: false });
    expect(error.message).toBe(
      'ended call refused: call_id: an empty string: allowed are 1 to 200 characters out of A–Z a–z 0–9 . _ : -',
    );
  });

  it.each([
    ['a phone number that is no text', { phone_number: 14_155_550_199 }, '14155550199'],
    ['a phone number that is too long', { phone_number: '+14155550199'.repeat(100) }, '+14155550199'],
    ['a status', { status: 'hush-hush' }, 'hush-hush'],
    ['a time', { started_at: 'hush-hush' }, 'hush-hush'],
    ['a time that is a Date', { end_at: new Date(0) }, '1970'],
    ['a duration', { duration: 'hush-hush' }, 'hush-hush'],
    ['an id', { campaign_id: 'hush hush' }, 'hush hush'],
    ['what is expected', { expects: { recording: 'hush-hush' } }, 'hush-hush'],
    ['a value in metadata', { metadata: { phone: Object('+14155550199') } }, '+14155550199'],
    ['a number in metadata', { metadata: { phone: 14_155_550_199.000_01e10 } }, '14155550199'],
  ])('never shows the value: %s', (_what, change, value) => {
    const error = refusal({ ...aCall(), ...change });
    expect(error.message).not.toContain(value);
    expect(JSON.stringify(error.problems)).not.toContain(value);
    expect(error.cause).toBeUndefined();
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['{}', 'a string of 2 characters'],
    [[], 'an array'],
  ])('takes %p for no call', (input, kind) => {
    expect(refusal(input).problems).toEqual([{ field: 'the input', problem: `${kind}: must be an object` }]);
  });

  it('says what a field of a closed list may be', () => {
    expect(refusal({ ...aCall(), status: 'ringing' }).problems).toEqual([
      { field: 'status', problem: 'a string of 7 characters: must be one of "completed", "failed"' },
    ]);
  });

  it('says the kind of a duration once', () => {
    expect(refusal({ ...aCall(), duration: '2.5' }).problems).toEqual([
      { field: 'duration', problem: 'a string of 3 characters: must be minutes, a number from 0 up' },
    ]);
  });
});

describe('fields that are missing', () => {
  const least = {
    call_id: 'call-1',
    status: 'completed',
    phone_number: '+14155551234',
    from_phone_number: '+18005551234',
    created_at: '2025-12-22T10:30:00Z',
  };
  const filled = {
    ...least,
    call_status: null,
    duration: null,
    answered_by: null,
    campaign_id: null,
    lead_id: null,
    started_at: null,
    end_at: null,
    metadata: {},
    error_message: null,
    account_id: null,
    expects: { recording: true, transcript: true, summary: true },
  };

  it('become null, an empty object and everything expected', () => {
    expect(parse(least)).toEqual(filled);
  });

  it.each([
    'call_status',
    'answered_by',
    'campaign_id',
    'lead_id',
    'started_at',
    'end_at',
    'error_message',
    'account_id',
  ])('%s may be missing, null or empty: all three mean the same', (field) => {
    expect(parse({ ...least, [field]: undefined })).toEqual(filled);
    expect(parse({ ...least, [field]: null })).toEqual(filled);
    expect(parse({ ...least, [field]: '' })).toEqual(filled);
  });

  it.each(['call_id', 'status', 'phone_number', 'from_phone_number', 'created_at'])('%s has to be there', (field) => {
    const { [field]: _left, ...rest } = least as Record<string, unknown>;
    expect(refusal(rest).problems.map((problem) => problem.field)).toEqual([field]);
  });

  it('metadata may be null', () => {
    expect(parse({ ...least, metadata: null }).metadata).toEqual({});
  });
});

describe('an accepted call', () => {
  it('may carry fields nobody knows: the engine hands in its whole record', () => {
    expect(parse({ ...aCall(), internal_cost: 0.2, agent: new Money() })).not.toHaveProperty('internal_cost');
  });

  it('is a copy: changing the metadata later does not change the call', () => {
    const mine = { tags: ['a'] };
    const parsed = parse(metadata(mine));
    mine.tags.push('b');
    expect(parsed.metadata).toEqual({ tags: ['a'] });
  });

  it('has its times on the wire form', () => {
    const call = parse(
      aCall({
        created_at: '2025-12-22T11:30:00.123+01:00',
        started_at: '2025-12-22T10:30:05.999Z',
        end_at: '2025-12-22T05:32-05:00',
      }),
    );
    expect(call).toMatchObject({
      created_at: '2025-12-22T10:30:00Z',
      started_at: '2025-12-22T10:30:05Z',
      end_at: '2025-12-22T10:32:00Z',
    });
  });

  it.each([
    [2.5, 2.5],
    [0, 0],
    [1 / 3, 0.3333],
    [2.000_04, 2],
    [0.000_04, 0],
    [12_345.678_99, 12_345.679],
  ])('has its duration in minutes with at most 4 decimals: %p becomes %p', (duration, minutes) => {
    expect(parse(aCall({ duration })).duration).toBe(minutes);
  });

  it('passes an error message on up to 8192 characters, never half a character', () => {
    const call = parse(aFailedCall({ error_message: `${'x'.repeat(8_191)}👋 and more` }));
    expect(call.error_message?.length).toBeLessThanOrEqual(8_192);
    expect(call.error_message?.isWellFormed()).toBe(true);
    expect(parse(aFailedCall({ error_message: 'SIP 486\u0000' })).error_message).toBe('SIP 486\uFFFD');
  });

  it('keeps webhook settings as they came: endpoint-settings.ts reads each endpoint alone', () => {
    const call = parse(aCall({ webhook_url: 'not a url', webhook_events: ['call.complete'] as never }));
    expect(call).toMatchObject({ webhook_url: 'not a url', webhook_events: ['call.complete'] });
  });

  it('expects what it does not say', () => {
    expect(parse(aCall({ expects: { recording: false } })).expects).toEqual({
      recording: false,
      transcript: true,
      summary: true,
    });
  });
});

/** The door for every ended call: what it takes, what it changes, and how it refuses. */
import { describe, expect, it } from '@jest/globals';
import { callEndedSchema, InvalidInputError } from '../../../contract/index.ts';
import { readCallEnded } from '../../../contract/schemas/call-ended.ts';
import { aCall, aFailedCall } from '../../support/builders.ts';

const parse = (call: unknown) => {
  const { call: data, expects, settings } = readCallEnded(call);
  return { ...data, expects, ...settings };
};
const noticesOf = (call: unknown) => readCallEnded(call).notices;
const STATUS_RULE =
  'must be completed or failed; busy, no-answer, no_answer, canceled, cancelled, error, rejected, timeout also mean failed';

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

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('a refusal', () => {
  it.each([
    ['no id', { call_id: undefined }, 'call_id', 'missing; it must be a text of 1 to 200 characters'],
    ['an empty id', { call_id: '' }, 'call_id', 'missing; it must be a text of 1 to 200 characters'],
    [
      'an id that is too long',
      { call_id: 'x'.repeat(201) },
      'call_id',
      'a string of 201 characters: it must be a text of 1 to 200 characters',
    ],
    ['an id that is an object', { call_id: {} }, 'call_id', 'an object: it must be a text of 1 to 200 characters'],
    ['an id that is NaN', { call_id: Number.NaN }, 'call_id', 'NaN: it must be a text of 1 to 200 characters'],
    ['no status', { status: undefined }, 'status', `missing: ${STATUS_RULE}`],
    ['a status that is a number', { status: 486 }, 'status', `an integer: ${STATUS_RULE}`],
    ['a status that is neither', { status: 'transferred' }, 'status', `"transferred": ${STATUS_RULE}`],
    ['a phone number as status', { status: '+14155550199' }, 'status', `a string of 12 characters: ${STATUS_RULE}`],
  ])('%s: it says what came and what is allowed', (_what, change, field, problem) => {
    expect(refusal({ ...aCall(), ...change }).problems).toEqual([{ field, problem }]);
  });

  it('names every problem at once', () => {
    const { problems } = refusal({ ...aCall(), call_id: null, status: 'ringing' });
    expect(problems.map(({ field }) => field)).toEqual(['call_id', 'status']);
  });

  it('names the field that was probably meant', () => {
    const { call_id, ...call } = aCall();
    expect(refusal({ ...call, callId: call_id }).problems).toEqual([
      {
        field: 'call_id',
        problem: 'missing; it must be a text of 1 to 200 characters. callId is no field, call_id is: it is ignored',
      },
    ]);
  });

  it('has a stable code, is not retryable, names the call, and says all in its message', () => {
    const error = refusal({ ...aCall(), call_id: 'room/42', status: 'ringing' });
    expect(error).toMatchObject({ name: 'InvalidInputError', code: 'invalid_input', retryable: false });
    expect(error.message).toBe(`ended call room%2F42 refused: status: "ringing": ${STATUS_RULE}`);
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['{}', 'a string of 2 characters'],
    [[], 'an array'],
  ])('takes %p for no call', (input, kind) => {
    expect(refusal(input).problems).toEqual([{ field: 'the input', problem: `${kind}: must be an object` }]);
  });

  it('takes a revoked proxy for no call', () => {
    expect(refusal(revoked()).problems).toEqual([
      { field: 'the input', problem: 'an object that cannot be read: must be an object' },
    ]);
  });

  it('comes as an issue from the zod schema, too', () => {
    const parsed = callEndedSchema.safeParse({ ...aCall(), status: 'ringing' });
    expect(parsed.error?.issues).toMatchObject([{ path: ['status'], message: `"ringing": ${STATUS_RULE}` }]);
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
    duration: 0,
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
    for (const nothing of [undefined, null, '']) {
      expect(parse({ ...least, [field]: nothing })).toEqual(filled);
      expect(noticesOf({ ...least, [field]: nothing })).toEqual([]);
    }
  });

  it.each(['phone_number', 'from_phone_number', 'created_at'])('%s becomes null; missing, it is told', (field) => {
    const { [field]: _left, ...rest } = least as Record<string, unknown>;
    expect(parse(rest)).toEqual({ ...filled, [field]: null });
    expect(noticesOf(rest)).toEqual([{ code: 'repaired', field, problem: 'missing: null is sent' }]);
    for (const nothing of [null, '']) {
      expect(parse({ ...rest, [field]: nothing })).toEqual({ ...filled, [field]: null });
      expect(noticesOf({ ...rest, [field]: nothing })).toEqual([]);
    }
  });

  it('duration is computed from start and end', () => {
    const times = { started_at: '2025-12-22T10:30:05Z', end_at: '2025-12-22T10:32:35Z' };
    expect(parse({ ...least, ...times }).duration).toBe(2.5);
  });

  it('metadata may be null', () => {
    expect(parse({ ...least, metadata: null }).metadata).toEqual({});
  });
});

describe('an accepted call', () => {
  it('may carry fields nobody knows: the engine hands in its whole record', () => {
    expect(parse({ ...aCall(), internal_cost: 0.2, agent: new Map() })).not.toHaveProperty('internal_cost');
  });

  it('is a copy: changing the metadata later does not change the call', () => {
    const mine = { tags: ['a'] };
    const parsed = parse(aCall({ metadata: mine }));
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

  it.each([
    [8_192, 8_192],
    [8_193, 8_192],
    [5_000_000, 8_192],
  ])('passes on of an error message of %i characters %i', (length, passed) => {
    const call = parse(aFailedCall({ error_message: 'x'.repeat(length) }));
    expect(call.error_message).toBe('x'.repeat(passed));
  });

  it('passes an error message on up to 8192 characters, never half a character', () => {
    const call = parse(aFailedCall({ error_message: `${'x'.repeat(8_191)}👋 and more` }));
    expect(call.error_message?.length).toBeLessThanOrEqual(8_192);
    expect(call.error_message?.isWellFormed()).toBe(true);
    expect(parse(aFailedCall({ error_message: 'SIP 486\u0000' })).error_message).toBe('SIP 486\uFFFD');
  });

  it('keeps event names nobody knows, and URLs that are none: nothing is lost to validation after the call', () => {
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

/** The body: the vendor page's sample, field by field, and the bounds that keep a run alive. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { callEndedSchema, type CallEnded } from '../../../contract/index.ts';
import { NO_ARTIFACTS, type CollectedArtifacts } from '../../../contract/collected-artifacts.ts';
import { bodyPayloadBytes, renderCallBody } from '../../../contract/render-body.ts';
import { judgeArtifacts } from '../../../contract/schemas/artifacts.ts';
import { aCall, aFailedCall, readyArtifacts, SECRET } from '../../support/builders.ts';
import { anAcceptedCall } from '../../support/arbitrary-calls.ts';
import vector from '../../vectors/seed-call-completed.json';

const TIMED_OUT = { status: 'timed_out' } as const;
const UNREADABLE = { status: 'unreadable' } as const;

/** The activity's final judgement of a source's answer: what nobody can read is
 *  unreadable, and what is still open has timed out. */
function collected(answer: unknown = readyArtifacts(), expects = {}): CollectedArtifacts {
  const all = { recording: true, transcript: true, summary: true, ...expects };
  const { artifacts, unreadable } = judgeArtifacts(answer, all);
  const { recording, transcript, summary } = artifacts;
  const missing = unreadable.length > 0 ? UNREADABLE : TIMED_OUT;
  return {
    recording: recording ?? missing,
    transcript: transcript ?? missing,
    summary: summary ?? missing,
  };
}

function render(call: CallEnded, artifacts: CollectedArtifacts = collected(), copies = 1) {
  const {
    campaign: _c,
    endpoints: _e,
    expects: _x,
    webhook_url: _u,
    webhook_events: _v,
    secret_ref: _s,
    ...data
  } = callEndedSchema.parse(call);
  return renderCallBody(data, data.status === 'completed' ? 'call.completed' : 'call.failed', artifacts, copies);
}

const parsed = (call: CallEnded, artifacts?: CollectedArtifacts) =>
  JSON.parse(render(call, artifacts).body) as Record<string, unknown>;

/** The vendor page's verifier as its receivers run it: over the parsed body, rendered again. */
function vendorAccepts(body: string): boolean {
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  const digest = createHmac('sha256', SECRET)
    .update(JSON.stringify(JSON.parse(body)))
    .digest('hex');
  return timingSafeEqual(Buffer.from(signature), Buffer.from(digest));
}

const seedCall = aCall({ call_id: '564d4fd4-03bc-400a-abe0-05540fbeff88' });

describe("the vendor page's sample", () => {
  it('comes out byte for byte as the page shows it, with additive keys behind', () => {
    const { body } = render(seedCall);
    const page = vector.body.slice(0, -1);
    expect(body.slice(0, page.length)).toBe(page);
    expect(body.slice(page.length)).toBe(
      ',"artifacts":{"recording":"ready","transcript":"ready","summary":"ready"},"event":"call.completed"}',
    );
  });

  it('has its fields in the order of the page, then artifacts, and event last', () => {
    expect(Object.keys(parsed(seedCall))).toEqual([
      'call_id',
      'phone_number',
      'from_phone_number',
      'status',
      'call_status',
      'duration',
      'transcript',
      'recording_url',
      'call_summary',
      'answered_by',
      'campaign_id',
      'lead_id',
      'created_at',
      'started_at',
      'end_at',
      'metadata',
      'artifacts',
      'event',
    ]);
  });
});

describe('a failed call', () => {
  it('carries error_message after artifacts, and event last', () => {
    const body = parsed(aFailedCall({ error_message: 'SIP 486 busy here' }), NO_ARTIFACTS);
    expect(Object.entries(body).slice(-3)).toEqual([
      ['artifacts', { recording: 'not_expected', transcript: 'not_expected', summary: 'not_expected' }],
      ['error_message', 'SIP 486 busy here'],
      ['event', 'call.failed'],
    ]);
  });

  it('has error_message null where there is none', () => {
    expect(parsed(aFailedCall(), NO_ARTIFACTS)['error_message']).toBeNull();
  });

  it('is the only one with error_message', () => {
    expect(parsed(aCall({ error_message: 'left over' }))).not.toHaveProperty('error_message');
  });
});

describe('what is missing is there all the same', () => {
  const bare = parsed(
    {
      call_id: 'call-1',
      status: 'completed',
      phone_number: '+14155551234',
      from_phone_number: '+18005551234',
      created_at: '2025-12-22T10:30:00Z',
    },
    collected({}),
  );

  it.each([
    ['transcript', []],
    ['recording_url', null],
    ['call_summary', null],
    ['answered_by', null],
    ['campaign_id', null],
    ['lead_id', null],
    ['started_at', null],
    ['end_at', null],
    ['metadata', {}],
    ['call_status', 'completed'],
    ['duration', 0],
    ['artifacts', { recording: 'unreadable', transcript: 'unreadable', summary: 'unreadable' }],
  ])('%s is %p', (field, value) => {
    expect(bare[field]).toEqual(value);
  });

  it('and never an empty string', () => {
    const answer = { recording: { status: 'ready', value: '' }, summary: { status: 'ready', value: '' } };
    const empty = parsed(
      aCall({ call_status: '', answered_by: '', campaign_id: '', lead_id: '', started_at: '', end_at: '' }),
      collected(answer),
    );
    expect(Object.values(empty)).not.toContain('');
    expect(empty).toMatchObject({ recording_url: null, call_summary: null, call_status: 'completed' });
  });
});

describe('duration', () => {
  it.each([
    ['2025-12-22T10:30:05Z', '2025-12-22T10:32:35Z', 2.5],
    ['2025-12-22T10:30:05Z', '2025-12-22T10:30:06Z', 0.0167],
    ['2025-12-22T10:30:00Z', '2025-12-22T10:30:00Z', 0],
    ['2025-12-22T10:30:06Z', '2025-12-22T10:30:05Z', 0],
    ['2025-12-22T23:59:59Z', '2025-12-23T01:00:00Z', 60.0167],
  ])('is minutes from %s to %s, where the engine gave none: %p', (started_at, end_at, minutes) => {
    expect(parsed(aCall({ duration: null, started_at, end_at }))['duration']).toBe(minutes);
  });

  it('is the engine’s own where it gave one', () => {
    expect(parsed(aCall({ duration: 7.25 }))['duration']).toBe(7.25);
  });

  it('has at most 4 decimals, whatever came', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (duration) => {
        fc.pre(!Object.is(duration, -0));
        expect(String(parsed(aCall({ duration }))['duration'])).toMatch(/^\d+(\.\d{1,4})?$/);
      }),
    );
  });
});

describe('the statuses of the artifacts', () => {
  it('say for each why it is not there', () => {
    const artifacts: CollectedArtifacts = {
      recording: { status: 'timed_out' },
      transcript: { status: 'too_large' },
      summary: { status: 'unavailable' },
    };
    const { body, artifacts: statuses } = render(aCall(), artifacts);
    const told = { recording: 'timed_out', transcript: 'too_large', summary: 'unavailable' };
    expect(statuses).toEqual(told);
    expect(JSON.parse(body)).toMatchObject({
      transcript: [],
      recording_url: null,
      call_summary: null,
      artifacts: told,
    });
  });

  it('say not_expected for what the call should not have', () => {
    const body = parsed(aCall(), collected(readyArtifacts(), { recording: false, summary: false }));
    expect(body['artifacts']).toEqual({ recording: 'not_expected', transcript: 'ready', summary: 'not_expected' });
    expect(body).toMatchObject({ recording_url: null, call_summary: null });
  });
});

describe('any accepted call with any artifacts', () => {
  it('is one compact JSON text that survives parsing and rendering, so that the vendor’s verifier accepts it', () => {
    fc.assert(
      fc.property(anAcceptedCall(), anyAnswer(), fc.integer({ min: 1, max: 10 }), (call, answer, copies) => {
        const { body } = render(call, collected(answer), copies);
        expect(JSON.stringify(JSON.parse(body))).toBe(body);
        expect(vendorAccepts(body)).toBe(true);
        expect(Object.keys(JSON.parse(body) as object).at(-1)).toBe('event');
      }),
      { numRuns: 300 },
    );
  });

  it('is the same text each time', () => {
    fc.assert(
      fc.property(anAcceptedCall(), anyAnswer(), (call, answer) => {
        expect(render(call, collected(answer)).body).toBe(render(call, collected(answer)).body);
      }),
    );
  });
});

describe('a body too large for Temporal', () => {
  const MAX_ONE = 1_572_864;
  const MAX_ALL = 3_145_728;

  it.each([0.5, 1, 2, 5].flatMap((mebibytes) => [1, 2, 3, 10].map((copies) => [mebibytes, copies] as const)))(
    'keeps its bounds with a transcript of %p MiB of quotes to %p endpoints',
    (mebibytes, copies) => {
      const { body } = render(aCall(), quotes(mebibytes), copies);
      const bytes = Buffer.byteLength(JSON.stringify(body));
      expect(bytes).toBeLessThanOrEqual(MAX_ONE);
      expect(bytes * copies).toBeLessThanOrEqual(MAX_ALL);
    },
  );

  it('loses the transcript, says so, and keeps recording and summary', () => {
    const { body, artifacts } = render(aCall(), quotes(1), 1);
    expect(artifacts).toEqual({ recording: 'ready', transcript: 'too_large', summary: 'ready' });
    expect(JSON.parse(body)).toMatchObject({
      transcript: [],
      call_summary: 'Successfully confirmed appointment...',
      recording_url: 'https://api.topcalls.ai/recordings/.../2025/12/22/mp3',
      artifacts,
    });
  });

  it('loses the summary too where that is what is large', () => {
    const answer = { ...readyArtifacts(), summary: { status: 'ready', value: '"'.repeat(700_000) } };
    const { body, artifacts } = render(aCall(), collected(answer), 1);
    expect(artifacts).toEqual({ recording: 'ready', transcript: 'too_large', summary: 'too_large' });
    expect(JSON.parse(body)).toMatchObject({ transcript: [], call_summary: null });
  });

  it('keeps a transcript that fits, to the byte', () => {
    const bare = bodyPayloadBytes(render(aCall(), plain(0)).body);
    const room = MAX_ONE - bare;
    expect(render(aCall(), plain(room)).artifacts.transcript).toBe('ready');
    expect(render(aCall(), plain(room + 1)).artifacts.transcript).toBe('too_large');
  });

  it('shares 3 MiB among its endpoints', () => {
    const room = Math.floor(MAX_ALL / 3) - bodyPayloadBytes(render(aCall(), plain(0)).body);
    expect(render(aCall(), plain(room), 3).artifacts.transcript).toBe('ready');
    expect(render(aCall(), plain(room + 1), 3).artifacts.transcript).toBe('too_large');
    expect(render(aCall(), plain(room + 1), 2).artifacts.transcript).toBe('ready');
  });

  it('is within its bounds even where every field of the call is as large as it may be', () => {
    const call = aFailedCall({
      phone_number: '\u0001'.repeat(1_024),
      from_phone_number: '\u0001'.repeat(1_024),
      call_status: '\u0001'.repeat(1_024),
      answered_by: '\u0001'.repeat(1_024),
      lead_id: '\u0001'.repeat(1_024),
      metadata: { note: '"'.repeat(8_180) },
      error_message: '\u0001'.repeat(8_192),
    });
    const recording = { status: 'ready' as const, value: '\u0001'.repeat(8_192) };
    const { body } = render(call, { ...NO_ARTIFACTS, recording }, 10);
    expect(bodyPayloadBytes(body) * 10).toBeLessThanOrEqual(MAX_ALL);
  });
});

it('bodyPayloadBytes counts the body as a JSON string in UTF-8', () => {
  expect(bodyPayloadBytes('{"a":"ü"}')).toBe(16);
});

/** A ready transcript of one line with `mebibytes` of quotes, past the activity's own bound on purpose. */
function quotes(mebibytes: number): CollectedArtifacts {
  return transcriptOf('"'.repeat(mebibytes * 1_048_576));
}

function plain(characters: number): CollectedArtifacts {
  return transcriptOf('x'.repeat(characters));
}

function transcriptOf(text: string): CollectedArtifacts {
  const line = { id: 1, user: 'user', text, created_at: '2025-12-22T10:30:05Z' };
  return { ...collected(), transcript: { status: 'ready', value: [line] } };
}

/** What a source may answer: correct, half correct, or anything at all. */
function anyAnswer(): fc.Arbitrary<unknown> {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\uD83D', 'a\u0000b', '"\\'));
  const line = fc.record({
    id: fc.oneof(fc.integer(), fc.constantFrom(-0, 1.5, 2 ** 53, Number.NaN)),
    user: text,
    text,
    created_at: fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      text,
    ),
  });
  const artifact = (value: fc.Arbitrary<unknown>) =>
    fc.oneof(
      fc.record({ status: fc.constantFrom('ready', 'pending', 'unavailable'), value }),
      fc.anything({ withBigInt: true, withDate: true }),
    );
  return fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        recording: artifact(text),
        transcript: artifact(fc.array(line)),
        summary: artifact(text),
      }),
    },
    { weight: 1, arbitrary: fc.anything() },
  );
}

/** A source's answer is judged, never refused, so that nothing from a transcriber can stop a delivery. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeArtifacts } from '../../../contract/schemas/artifacts.ts';
import { readyArtifacts } from '../../support/builders.ts';

const ALL = { recording: true, transcript: true, summary: true };
const MAX_PAYLOAD = 1_572_864;
const judgeAll = (change: object, expects = ALL) => judgeArtifacts({ ...readyArtifacts(), ...change }, expects);
const judge = (change: object, expects = ALL) => judgeAll(change, expects).artifacts;
const ready = (value: unknown) => ({ status: 'ready', value });
const line = { id: 1, user: 'user', text: 'Yes, hi...', created_at: '2025-12-22T10:30:08Z' };

it('what is ready is handed on', () => {
  expect(judge({})).toEqual(readyArtifacts());
});

it('what is pending stays open', () => {
  expect(judge({ summary: { status: 'pending' } })).toEqual({ ...readyArtifacts(), summary: undefined });
});

it('what is unavailable is final, and its reason is kept: on one line, at most 200 characters', () => {
  const reasonOf = (reason: unknown) => judge({ summary: { status: 'unavailable', reason } }).summary;
  expect(reasonOf('no speech')).toEqual({ status: 'unavailable', reason: 'no speech' });
  expect(reasonOf('no\nspeech\u0000')).toEqual({ status: 'unavailable', reason: 'no\\u000aspeech\uFFFD' });
  expect(reasonOf('x'.repeat(1_000))).toEqual({ status: 'unavailable', reason: 'x'.repeat(200) });
  for (const none of [undefined, null, '', 7, {}]) expect(reasonOf(none)).toEqual({ status: 'unavailable' });
});

it('what the source leaves out cannot be read, and costs the others nothing', () => {
  const { recording, transcript } = readyArtifacts();
  expect(judgeArtifacts({ recording, transcript }, ALL)).toMatchObject({
    artifacts: { recording, transcript, summary: undefined },
    unreadable: [{ artifact: 'summary', kind: 'undefined' }],
  });
});

it('what the call should not have is not_expected, whatever the source says', () => {
  const expects = { recording: false, transcript: true, summary: false };
  expect(judge({ summary: { status: 'pending' } }, expects)).toEqual({
    ...readyArtifacts(),
    recording: { status: 'not_expected' },
    summary: { status: 'not_expected' },
  });
});

describe('a bad shape cannot be read', () => {
  it.each([
    ['nothing at all', undefined, 'undefined'],
    ['null', null, 'null'],
    ['text', 'pending', 'a string of 7 characters'],
    ['an unknown status', { status: 'done', value: 'https://r.example.com/1' }, 'an object with an unknown status'],
    ['an object of another kind', { url: 'https://r.example.com/1' }, 'an object'],
    ['ready without a value', { status: 'ready' }, 'ready with undefined'],
    ['ready with an empty text', ready(''), 'ready with an empty string'],
    ['ready with a number', ready(7), 'ready with an integer'],
    ['ready with null', ready(null), 'ready with null'],
    ['ready with an object', ready({ url: 'https://r.example.com/1' }), 'ready with an object'],
  ])('%s', (_what, artifact, kind) => {
    const { artifacts, unreadable } = judgeAll({ recording: artifact, summary: artifact });
    expect(artifacts).toEqual({ ...readyArtifacts(), recording: undefined, summary: undefined });
    expect(unreadable).toMatchObject([
      { artifact: 'recording', kind },
      { artifact: 'summary', kind },
    ]);
    // Never the value.
    expect(JSON.stringify(unreadable)).not.toContain('r.example.com');
  });

  it.each([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['text', 'busy', 'a string of 4 characters'],
    ['a list', [], 'an array'],
  ])('an answer that is %s', (_what, answer, kind) => {
    const { artifacts, unreadable } = judgeArtifacts(answer, ALL);
    expect(artifacts).toEqual({ recording: undefined, transcript: undefined, summary: undefined });
    expect(unreadable.map((each) => `${each.artifact}: ${each.kind}`)).toEqual(
      ['recording', 'summary', 'transcript'].map((name) => `${name}: ${kind}`),
    );
  });

  it.each([
    ['no list', { lines: [] }],
    ['text', 'Hello'],
  ])('a transcript that is %s', (_what, value) => {
    expect(judge({ transcript: ready(value) })).toEqual({ ...readyArtifacts(), transcript: undefined });
  });

  it('is nobody’s concern where the call should not have it', () => {
    expect(judgeArtifacts(null, { recording: false, transcript: false, summary: false }).unreadable).toEqual([]);
  });
});

it('a recording URL has up to 16,384 characters; a longer one exists and is too large', () => {
  expect(judge({ recording: ready('x'.repeat(16_384)) }).recording).toMatchObject({ status: 'ready' });
  expect(judge({ recording: ready('x'.repeat(16_385)) }).recording).toEqual({ status: 'too_large' });
});

describe('the form of the HTTP API is read from any source', () => {
  it.each([
    [
      'all of it',
      { recording_url: 'https://x', transcript: [line], call_summary: 's' },
      { recording: ready('https://x'), transcript: ready([line]), summary: ready('s') },
    ],
    [
      'what is missing, null or empty is pending',
      { recording_url: null, transcript: [], call_summary: 's' },
      { recording: undefined, transcript: undefined, summary: ready('s') },
    ],
    ['a transcript alone', { transcript: [line] }, { recording: undefined, transcript: ready([line]) }],
    [
      'what the key artifacts says',
      {
        recording_url: null,
        artifacts: { recording: 'off', transcript: { status: 'unavailable', reason: 'no speech' } },
      },
      {
        recording: { status: 'unavailable', reason: 'off' },
        transcript: { status: 'unavailable', reason: 'no speech' },
        summary: undefined,
      },
    ],
  ])('%s', (_what, answer, expected) => {
    const { artifacts, unreadable } = judgeArtifacts(answer, ALL);
    expect({ ...artifacts, ...expected }).toEqual(artifacts);
    expect(unreadable).toEqual([]);
  });

  it('but a value of a wrong shape cannot be read', () => {
    expect(judgeArtifacts({ recording_url: { href: 'x' }, call_summary: 's' }, ALL).unreadable).toMatchObject([
      { artifact: 'recording', kind: 'ready with an object' },
    ]);
  });
});

describe('an odd line is mended, and the good ones stay', () => {
  const TIME = '2025-12-22T10:30:05Z';
  it.each([
    ['no time', { created_at: undefined }, { created_at: null }, 'transcript.created_at', 'undefined'],
    [
      'a time that is none',
      { created_at: 'soon' },
      { created_at: null },
      'transcript.created_at',
      'a string of 4 characters',
    ],
    ['seconds from the start', { created_at: 12.5 }, { created_at: null }, 'transcript.created_at', 'a fraction'],
    [
      'unix milliseconds',
      { created_at: 1_766_399_405_000 },
      { created_at: TIME },
      'transcript.created_at',
      'an integer',
    ],
    ['unix seconds', { created_at: 1_766_399_405 }, { created_at: TIME }, 'transcript.created_at', 'an integer'],
    ['a Date', { created_at: new Date(TIME) }, { created_at: TIME }, 'transcript.created_at', 'an instance of Date'],
    [
      'PostgreSQL’s text',
      { created_at: '2025-12-22 10:30:05+00' },
      { created_at: TIME },
      'transcript.created_at',
      'a string of 22 characters',
    ],
    [
      'a time without a zone',
      { created_at: '2025-12-22 10:30:05' },
      { created_at: TIME },
      'transcript.created_at',
      'a string of 19 characters',
    ],
    ['an id as text', { id: '40' }, { id: 40 }, 'transcript.id', 'a string of 2 characters'],
    ['no id', { id: undefined }, { id: 40 }, 'transcript.id', 'undefined'],
    ['an id that is a fraction', { id: 1.5 }, { id: 40 }, 'transcript.id', 'a fraction'],
    ['an id that is negative zero', { id: -0 }, { id: 40 }, 'transcript.id', 'negative zero'],
    ['an id beyond 2^53', { id: 2 ** 53 }, { id: 40 }, 'transcript.id', 'an integer'],
    ['an id that is a UUID', { id: 'b6f0' }, { id: 40 }, 'transcript.id', 'a string of 4 characters'],
    ['no speaker', { user: null }, { user: 'unknown' }, 'transcript.user', 'null'],
    ['a speaker that is a number', { user: 1 }, { user: '1' }, 'transcript.user', 'an integer'],
    ['no text', { text: null }, { text: '' }, 'transcript.text', 'null'],
    ['a text that is an object', { text: {} }, { text: '' }, 'transcript.text', 'an object'],
  ] as const)('%s', (_what, odd, sent, field, kind) => {
    const lines = Array.from({ length: 40 }, (_each, index) => ({ ...line, id: index + 1 }));
    const oddly = lines.map((each) => (each.id === 40 ? { ...each, ...odd } : each));
    const { artifacts, mended, unreadable } = judgeAll({ transcript: ready(oddly) });
    expect(artifacts.transcript).toEqual(ready(lines.map((each) => (each.id === 40 ? { ...each, ...sent } : each))));
    expect([mended, unreadable]).toEqual([[{ field, line: 40, kind, lines: 1 }], []]);
  });

  it('a line that is a text is what was said, and one that is nothing is left out', () => {
    const { artifacts, mended } = judgeAll({ transcript: ready([line, 'Hello', null, 7, [], { ...line, id: 9 }]) });
    const said = { id: 2, user: 'unknown', text: 'Hello', created_at: null };
    expect(artifacts.transcript).toEqual(ready([line, said, { ...line, id: 9 }]));
    expect(mended).toContainEqual({ field: 'transcript', line: 2, kind: 'a string of 5 characters', lines: 4 });
  });

  it('an empty speaker is unknown, without a word', () => {
    const { artifacts, mended } = judgeAll({ transcript: ready([{ ...line, user: '' }]) });
    expect(artifacts.transcript).toEqual(ready([{ ...line, user: 'unknown' }]));
    expect(mended).toEqual([]);
  });

  it('whatever stands in the lines, each of them is sent in the form of the page', () => {
    const odd = fc.oneof(fc.anything(), fc.record({ id: fc.anything(), user: fc.anything(), text: fc.anything() }));
    const lines = fc.array(fc.oneof(odd, fc.record({ created_at: fc.anything() })), { maxLength: 5 });
    fc.assert(
      fc.property(lines, (value) => {
        const { transcript } = judge({ transcript: ready(value) });
        if (transcript?.status !== 'ready') throw new Error('a list can be read');
        for (const { id, user, text, created_at, ...rest } of transcript.value) {
          expect(Number.isSafeInteger(id) && !Object.is(id, -0)).toBe(true);
          expect([typeof user, user === '', typeof text, rest]).toEqual(['string', false, 'string', {}]);
          expect(created_at ?? '2025-12-22T10:30:05Z').toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        }
        const text = JSON.stringify(transcript);
        expect(JSON.stringify(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a transcript', () => {
  it('may be empty: nobody spoke', () => {
    expect(judge({ transcript: ready([]) }).transcript).toEqual(ready([]));
  });

  it('has its lines in the order and with the fields of the page, times on the wire form', () => {
    const messy = { created_at: '2025-12-22T11:30:08.5+01:00', text: 'Hi', confidence: 0.9, user: 'user', id: 2 };
    const { transcript } = judge({ transcript: ready([messy, line]) });
    expect(JSON.stringify(transcript)).toBe(
      '{"status":"ready","value":[{"id":2,"user":"user","text":"Hi","created_at":"2025-12-22T10:30:08Z"},' +
        '{"id":1,"user":"user","text":"Yes, hi...","created_at":"2025-12-22T10:30:08Z"}]}',
    );
  });
});

describe('text is cleaned', () => {
  const dirty = 'a\uD83D b\u0000 c\uDC4B';
  const clean = 'a\uFFFD b\uFFFD c\uFFFD';

  it('of lone surrogates and U+0000, in every artifact', () => {
    const transcript = ready([{ ...line, user: dirty, text: dirty }]);
    expect(judge({ recording: ready(dirty), summary: ready(dirty), transcript })).toEqual({
      recording: ready(clean),
      summary: ready(clean),
      transcript: ready([{ ...line, user: clean, text: clean }]),
    });
  });

  it('and whole characters are left alone', () => {
    expect(judge({ summary: ready('Grüße 👋') }).summary).toEqual(ready('Grüße 👋'));
  });
});

describe('what a run would not survive is too_large', () => {
  const transcript = (characters: number) => ready([{ ...line, text: 'x'.repeat(characters) }]);

  it('a summary over 1.5 MiB', () => {
    // The quotes around the text count.
    expect(judge({ transcript: ready([]), summary: ready('x'.repeat(MAX_PAYLOAD - 4)) }).summary).toMatchObject({
      status: 'ready',
    });
    expect(judge({ summary: ready('x'.repeat(MAX_PAYLOAD - 1)) }).summary).toEqual({ status: 'too_large' });
  });

  it('a transcript over 1.5 MiB', () => {
    expect(judge({ transcript: transcript(1_500_000) }).transcript).toMatchObject({ status: 'ready' });
    expect(judge({ transcript: transcript(1_600_000) })).toEqual({
      ...readyArtifacts(),
      transcript: { status: 'too_large' },
    });
  });

  it('a transcript that fits alone but not beside its summary: the activity returns both in one payload', () => {
    const summary = ready('x'.repeat(1_000_000));
    const judged = judge({ transcript: transcript(1_000_000), summary });
    expect(judged.transcript?.status).toBe('too_large');
    expect(judged.summary?.status).toBe('ready');
  });

  it('so any answer comes to less than 2 MiB, the payload that hangs a run', () => {
    for (const text of ['x', '"', '\u0001', 'ü', '👋']) {
      for (const [count, ofSummary] of [
        [262_144, 1],
        [700_000, 1],
        [1_400_000, 0.4],
        [1_572_000, 1],
      ] as const) {
        const judged = judge({
          transcript: ready([{ ...line, text: text.repeat(count) }]),
          summary: ready(text.repeat(count * ofSummary)),
          recording: ready('"'.repeat(16_384)),
        });
        expect(Buffer.byteLength(JSON.stringify(judged))).toBeLessThan(1_700_000);
      }
    }
  });
});

it('no answer makes it throw', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withSparseArray: true }), (anything) => {
      judgeArtifacts(anything, ALL);
      judge({ transcript: anything });
      judge({ transcript: ready([anything]) });
      expect(judge({ summary: ready(anything) }).recording).toEqual(readyArtifacts().recording);
    }),
  );
});

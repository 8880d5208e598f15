/** A source's answer is judged, never refused, so that nothing from a transcriber can stop a delivery. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeArtifacts } from '../../../contract/schemas/artifacts.ts';
import { readyArtifacts } from '../../support/builders.ts';

const ALL = { recording: true, transcript: true, summary: true };
const MAX_PAYLOAD = 1_572_864;
const judge = (change: object, expects = ALL) => judgeArtifacts({ ...readyArtifacts(), ...change }, expects);
const ready = (value: unknown) => ({ status: 'ready', value });
const line = { id: 1, user: 'user', text: 'Yes, hi...', created_at: '2025-12-22T10:30:08Z' };

it('what is ready is handed on', () => {
  expect(judge({})).toEqual(readyArtifacts());
});

it('what is pending stays open', () => {
  expect(judge({ summary: { status: 'pending' } })).toEqual({ ...readyArtifacts(), summary: undefined });
});

it('what is unavailable is final, its reason stays with the source', () => {
  expect(judge({ summary: { status: 'unavailable', reason: 'no speech' } }).summary).toEqual({ status: 'unavailable' });
});

it('what the source leaves out is unavailable, and costs the others nothing', () => {
  const { recording, transcript } = readyArtifacts();
  expect(judgeArtifacts({ recording, transcript }, ALL)).toEqual({
    recording,
    transcript,
    summary: { status: 'unavailable' },
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

describe('a bad shape is unavailable', () => {
  it.each([
    ['nothing at all', undefined],
    ['null', null],
    ['text', 'pending'],
    ['an unknown status', { status: 'done', value: 'https://recordings.example.com/1.mp3' }],
    ['ready without a value', { status: 'ready' }],
    ['ready with an empty text', ready('')],
    ['ready with a number', ready(7)],
    ['ready with null', ready(null)],
  ])('%s', (_what, artifact) => {
    const judged = judge({ recording: artifact, summary: artifact });
    expect(judged).toEqual({ ...readyArtifacts(), ...unavailable('recording', 'summary') });
  });

  it.each([
    ['an answer that is undefined', undefined],
    ['an answer that is null', null],
    ['an answer that is text', 'busy'],
    ['an answer that is a list', []],
  ])('%s', (_what, answer) => {
    expect(judgeArtifacts(answer, ALL)).toEqual(unavailable('recording', 'transcript', 'summary'));
  });

  it('a recording URL beyond 8192 characters', () => {
    expect(judge({ recording: ready('x'.repeat(8_192)) }).recording).toMatchObject({ status: 'ready' });
    expect(judge({ recording: ready('x'.repeat(8_193)) }).recording).toEqual({ status: 'unavailable' });
  });

  it.each([
    ['no list', { lines: [] }],
    ['a line that is null', [null]],
    ['a line without text', [{ ...line, text: undefined }]],
    ['a line whose speaker is a number', [{ ...line, user: 1 }]],
    ['a line whose id is text', [{ ...line, id: '1' }]],
    ['a line whose id is a fraction', [{ ...line, id: 1.5 }]],
    ['a line whose id is negative zero', [{ ...line, id: -0 }]],
    ['a line whose id is beyond 2^53', [{ ...line, id: 2 ** 53 }]],
    ['a line whose id is NaN', [{ ...line, id: Number.NaN }]],
    ['a line whose time is none', [{ ...line, created_at: 'soon' }]],
  ])('a transcript with %s', (_what, value) => {
    expect(judge({ transcript: ready(value) })).toEqual({ ...readyArtifacts(), ...unavailable('transcript') });
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
          recording: ready('"'.repeat(8_192)),
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

function unavailable(...names: string[]) {
  return Object.fromEntries(names.map((name) => [name, { status: 'unavailable' }]));
}

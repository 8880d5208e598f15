/** One poll of the artifact source: Temporal's retry is the poller, the server's own times are the clock. */
import { afterEach, describe, expect, it, jest, test } from '@jest/globals';
import type { ArtifactSource, FetchedArtifacts } from '../../activities/index.ts';
import type { FetchInput } from '../../contract/run-messages.ts';
import { readyArtifacts } from '../support/builders.ts';
import { asStored, runActivity } from '../support/run-activity.ts';
import { endsAfter, stopClock } from '../support/stopped-clock.ts';

afterEach(() => void jest.useRealTimers());

const PENDING = { status: 'pending' } as const;
const SCHEDULED_AT = 1_766_399_555_000;
const ALL = { recording: true, transcript: true, summary: true };

/** One poll of `fetch`, `waitedMs` after the activity was scheduled by the server's clock. */
async function poll(
  fetch: ArtifactSource['fetch'],
  { waitedMs = 0, ...change }: Partial<FetchInput> & { waitedMs?: number } = {},
) {
  const input = { callId: 'call-1', expects: ALL, deadlineMs: 60_000, ...change };
  return runActivity((own) => own.fetchArtifacts(input), {
    ports: { artifacts: { fetch } },
    info: { scheduledTimestampMs: SCHEDULED_AT, currentAttemptScheduledTimestampMs: SCHEDULED_AT + waitedMs },
  });
}

/** The first poll, which is a local activity. */
const first = (fetch: ArtifactSource['fetch'], deadlineMs = 60_000) =>
  runActivity((own) => own.fetchArtifacts({ callId: 'call-1', expects: ALL, deadlineMs }), {
    ports: { artifacts: { fetch } },
    info: { isLocal: true, scheduledTimestampMs: SCHEDULED_AT, currentAttemptScheduledTimestampMs: SCHEDULED_AT },
  });

const PAGE_LINE = { id: 1, user: 'assistant', text: 'Hi', created_at: '2025-12-22T10:30:05Z' };

const answer =
  (change: Partial<FetchedArtifacts> | object = {}) =>
  async () =>
    ({ ...readyArtifacts(), ...change }) as FetchedArtifacts;

test('artifacts that are all there are returned at once', async () => {
  const { value, lines } = await poll(answer());
  expect(value).toEqual(readyArtifacts());
  expect(lines).toEqual([]);
});

test('the source is asked for the call and what it should have, with a signal', async () => {
  const asked: Parameters<ArtifactSource['fetch']>[0][] = [];
  const expects = { recording: true, transcript: false, summary: false };
  await poll(
    async (request) => {
      asked.push(request);
      return readyArtifacts();
    },
    { expects },
  );
  expect(asked).toEqual([{ callId: 'call-1', expects, signal: expect.any(AbortSignal) }]);
  expect(asked[0]?.signal.aborted).toBe(false);
});

describe('what is pending', () => {
  it('fails as ArtifactsPending, asked again after 5 s, in words that name what is missing', async () => {
    const { failure, lines } = await poll(answer({ transcript: PENDING, summary: PENDING }));
    expect(failure).toMatchObject({ type: 'ArtifactsPending', nonRetryable: false, nextRetryDelay: 5_000, stack: '' });
    expect(failure?.message).toBe('transcript, summary not ready yet; asked again in 5 s, sent without after 60 s');
    expect(failure?.details ?? []).toEqual([]);
    expect(lines).toEqual([]);
  });

  it.each([
    [0, 5_000],
    [54_000, 5_000],
    [55_000, 5_000],
    [57_500, 2_500],
    [59_000, 1_000],
    [59_500, 1_000],
    [59_999, 1_000],
  ])('%p ms after the first poll is asked again after %p ms', async (waitedMs, delay) => {
    const { failure } = await poll(answer({ recording: PENDING }), { waitedMs });
    expect(failure?.nextRetryDelay).toBe(delay);
  });

  it.each([60_000, 60_001, 3_600_000])(
    '%p ms after the first poll is given up: the rest goes as timed_out',
    async (waitedMs) => {
      const { value, lines } = await poll(answer({ summary: PENDING }), { waitedMs });
      expect(value).toEqual({ ...readyArtifacts(), summary: { status: 'timed_out' } });
      expect(lines).toMatchObject([
        { level: 'warn', message: 'webhook.artifacts_timed_out', callId: 'call-1', missing: ['summary'] },
      ]);
    },
  );

  it('is asked for once where the deadline is 0', async () => {
    const { value } = await poll(answer({ summary: PENDING }), { deadlineMs: 0 });
    expect(value?.summary).toEqual({ status: 'timed_out' });
  });

  it('is no reason to wait where it is not expected', async () => {
    const expects = { recording: true, transcript: false, summary: true };
    const { value } = await poll(answer({ transcript: PENDING }), { expects });
    expect(value).toEqual({ ...readyArtifacts(), transcript: { status: 'not_expected' } });
  });

  it('that comes with the last poll is taken: fetch first, then judge the deadline', async () => {
    const { value } = await poll(answer(), { waitedMs: 3_600_000 });
    expect(value).toEqual(readyArtifacts());
  });
});

test('the deadline is the server’s: a worker’s clock that is a day off changes nothing', async () => {
  // What counts is the difference of the two server times.
  stopClock(SCHEDULED_AT + 86_400_000);
  expect((await poll(answer({ summary: PENDING }), { waitedMs: 1_000 })).failure?.nextRetryDelay).toBe(5_000);
});

describe('what is unavailable', () => {
  it('is final, nobody waits for it, and its reason is told', async () => {
    const { value, lines } = await poll(answer({ summary: { status: 'unavailable', reason: 'no speech' } }));
    expect(value?.summary).toEqual({ status: 'unavailable', reason: 'no speech' });
    const unavailable = [{ artifact: 'summary', reason: 'no speech' }];
    expect(lines).toMatchObject([{ level: 'info', message: 'webhook.artifacts_unavailable', unavailable }]);
  });
});

describe('what nobody can read', () => {
  const BAD = answer({ recording: { url: 'https://r.example.com/1' } });

  it('is asked for again as if it were not ready, and a source that is fixed still gets it in', async () => {
    const { failure, lines } = await poll(BAD);
    expect(failure).toMatchObject({ type: 'ArtifactsPending', nonRetryable: false, nextRetryDelay: 5_000 });
    expect(failure?.message).toBe(
      'recording (unreadable: an object) not ready yet; asked again in 5 s, sent without after 60 s',
    );
    expect(lines).toMatchObject([
      {
        level: 'error',
        message: 'webhook.artifacts_unreadable',
        callId: 'call-1',
        unreadable: [{ artifact: 'recording', kind: 'an object' }],
      },
    ]);
    expect(JSON.stringify(lines) + (failure === undefined ? '' : asStored(failure))).not.toContain('r.example.com');
    expect((await poll(answer(), { waitedMs: 5_000 })).value).toEqual(readyArtifacts());
  });

  it('is unreadable at the deadline; what is only late is timed_out', async () => {
    const { value } = await poll(answer({ recording: { url: 'https://x' }, summary: PENDING }), { waitedMs: 60_000 });
    expect(value).toEqual({
      ...readyArtifacts(),
      recording: { status: 'unreadable' },
      summary: { status: 'timed_out' },
    });
  });

  it('is told once, however often it is polled', async () => {
    const input = { callId: 'call-1', expects: ALL, deadlineMs: 60_000 };
    const run = await runActivity(
      async (own) => {
        for (const _poll of [1, 2, 3]) await own.fetchArtifacts(input).catch(() => undefined);
      },
      { ports: { artifacts: { fetch: BAD } } },
    );
    expect(run.lines.map(({ message }) => message)).toEqual(['webhook.artifacts_unreadable']);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'busy'],
    ['a list', []],
  ])('is all of it where the source answers %s', async (_what, bad) => {
    const { value, lines } = await poll(async () => bad as never, { waitedMs: 60_000 });
    const unreadable = { status: 'unreadable' };
    expect(value).toEqual({ recording: unreadable, transcript: unreadable, summary: unreadable });
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual(['error webhook.artifacts_unreadable']);
  });

  it('the first poll says nothing of it', async () => {
    const { failure, lines } = await first(BAD);
    expect(failure?.message).toBe('recording (unreadable: an object) not ready yet; asked again at once');
    expect(lines).toEqual([]);
  });
});

test('a line that was mended is told once, with its field and number', async () => {
  const line = PAGE_LINE;
  const { value, lines } = await poll(answer({ transcript: { status: 'ready', value: [{ ...line, user: null }] } }));
  expect(value?.transcript).toEqual({ status: 'ready', value: [{ ...line, user: 'unknown' }] });
  const mended = [{ field: 'transcript.user', line: 1, kind: 'null', lines: 1 }];
  expect(lines).toMatchObject([{ level: 'warn', message: 'webhook.artifacts_mended', callId: 'call-1', mended }]);
});

describe('a source in trouble counts as pending', () => {
  const hush = 'https://api:hush@internal/calls/+14155551234';
  it.each([
    ['it throws', () => Promise.reject(Object.assign(new Error(hush), { code: 'ECONNRESET' })), 'ECONNRESET'],
    [
      'it throws at once',
      () => {
        throw new RangeError(hush);
      },
      'RangeError',
    ],
  ])('%s', async (_what, fetch: ArtifactSource['fetch'], error) => {
    const { failure, lines } = await poll(fetch);
    expect(failure).toMatchObject({ type: 'ArtifactsPending', nextRetryDelay: 5_000 });
    expect(failure?.message).toBe(
      `recording, transcript, summary not ready yet: the source failed (${error}); asked again in 5 s, sent without after 60 s`,
    );
    expect(lines).toMatchObject([{ level: 'warn', message: 'webhook.artifacts_not_fetched', callId: 'call-1', error }]);
    expect(JSON.stringify(lines) + (failure === undefined ? '' : asStored(failure))).not.toMatch(/hush|4155551234/);
  });

  it('and past the deadline the webhook goes without', async () => {
    const expects = { recording: true, transcript: true, summary: false };
    const { value } = await poll(() => Promise.reject(new Error('down')), { waitedMs: 60_000, expects });
    expect(value).toEqual({
      recording: { status: 'timed_out' },
      transcript: { status: 'timed_out' },
      summary: { status: 'not_expected' },
    });
  });

  it('it hangs: its signal aborts after 10 s, and it is asked again', async () => {
    let aborted: unknown;
    stopClock();
    const hanging = poll(
      ({ signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = signal.reason;
          });
        }),
    );
    const { failure, lines } = await endsAfter(10_000, hanging);
    expect(aborted).toMatchObject({ code: 'time_limit' });
    expect(failure).toMatchObject({ type: 'ArtifactsPending', nextRetryDelay: 5_000 });
    expect(lines).toMatchObject([{ error: 'time_limit' }]);
  });
});

test('what is ready while the rest is pending is asked for again: nothing is kept between polls', async () => {
  const first = await poll(answer({ summary: PENDING }));
  expect(first.value).toBeUndefined();
  const second = await poll(answer({ recording: PENDING }), { waitedMs: 60_000 });
  expect(second.value?.recording).toEqual({ status: 'timed_out' });
});

describe('the first poll, a local activity', () => {
  it('returns artifacts that are all there', async () => {
    expect((await first(answer())).value).toEqual(readyArtifacts());
  });

  it.each([60_000, 0])(
    'with a deadline of %i ms leaves the judgement of missing ones to the polls that follow',
    async (deadlineMs) => {
      const { failure, lines } = await first(answer({ summary: PENDING }), deadlineMs);
      expect(failure).toMatchObject({ type: 'ArtifactsPending', nonRetryable: false, stack: '' });
      expect(failure?.nextRetryDelay).toBeUndefined();
      expect(failure?.message).toContain('summary not ready yet; asked again at once');
      expect(lines).toEqual([]);
    },
  );

  it('leaves artifacts that are too large for one message with their bodies to the activity that follows', async () => {
    const ofText = (length: number) => {
      const line = { id: 1, user: 'user', text: 'x'.repeat(length), created_at: '2025-12-22T10:30:05Z' };
      return { transcript: { status: 'ready', value: [line] } };
    };
    const around = JSON.stringify((await first(answer(ofText(0)))).value).length;
    expect((await first(answer(ofText(262_144 - around)))).failure).toBeUndefined();
    // Above 1.5 MiB a transcript is too large for any body.
    for (const bytes of [262_145, 1_500_000]) {
      const { failure } = await first(answer(ofText(bytes - around)));
      expect(failure).toMatchObject({ type: 'ArtifactsPending', nonRetryable: false });
      expect(failure?.message).toBe('the artifacts are too large for the first poll; asked again at once');
    }
  });

  it('gives a silent source up before any other poll would, and aborts it', async () => {
    const signals: AbortSignal[] = [];
    const silent: ArtifactSource['fetch'] = ({ signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    };
    const other = poll(silent);
    const { failure } = await first(silent);
    expect(failure?.type).toBe('ArtifactsPending');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
    await other;
  });
});

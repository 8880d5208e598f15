/** Small answers of artifact sources that cost a transcript or a recording once. `is` says what must happen to each. */
import { describe, expect, test } from '@jest/globals';
import type { FetchedArtifacts } from '../../activities/index.ts';
import cases from '../cases/artifacts.json';
import { readyArtifacts } from '../support/builders.ts';
import { runActivity } from '../support/run-activity.ts';

const ALL = { recording: true, transcript: true, summary: true };
const GOOD = { user: 'assistant', text: 'Hi', created_at: '2025-12-22T10:30:05Z' };
const LINES = Array.from({ length: 40 }, (_each, index) => ({ id: index + 1, ...GOOD }));

/** One poll by the activity, `waitedMs` after the first. */
function poll(answer: unknown, waitedMs: number) {
  return runActivity((own) => own.fetchArtifacts({ callId: 'call-1', expects: ALL, deadlineMs: 60_000 }), {
    ports: { artifacts: { fetch: async () => answer as FetchedArtifacts } },
    info: { scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: waitedMs },
  });
}

describe('the last of 40 lines is odd', () => {
  const odd = cases.flatMap(({ odd: { line }, is }) => (line === undefined ? [] : [{ line, is }]));

  test.each(odd)('$line: $is', async ({ line, is }) => {
    const [field = '', value] = Object.entries(line)[0] ?? [];
    const given: Record<string, unknown> = { ...LINES[39], [field]: value };
    if (value === '<missing>') delete given[field];
    const transcript = { status: 'ready', value: [...LINES.slice(0, 39), given] };
    const { value: fetched, lines } = await poll({ ...readyArtifacts(), transcript }, 0);

    const sent = fetched?.transcript.status === 'ready' ? fetched.transcript.value : [];
    expect(sent).toHaveLength(40);
    expect(sent.slice(0, 39)).toEqual(LINES.slice(0, 39));
    const last = { ...sent[39] };
    if (is.includes('created_at null')) expect(last.created_at).toBeNull();
    if (is.endsWith('ISO')) expect(last.created_at).toMatch(/^2025-12-22T10:3\d:\d\dZ$/);
    if (is.endsWith('id 40')) expect(last.id).toBe(40);
    if (is.includes('"unknown"')) expect(last.user).toBe('unknown');
    if (is.endsWith('text ""')) expect(last.text).toBe('');
    // Told once, with the field and the line's number, and without its value.
    expect(lines).toMatchObject([{ message: 'webhook.artifacts_mended', mended: [{ line: 40, lines: 1 }] }]);
    expect(JSON.stringify(lines)).toContain(`transcript.${field}`);
    if (typeof value === 'string' && value.length > 2) expect(JSON.stringify(lines)).not.toContain(value);
  });

  test('all the cases were tried', () => {
    expect(odd).toHaveLength(6);
  });
});

test('a recording of a wrong shape is polled to the deadline, then null and unreadable, with one error line', async () => {
  const bad = cases.flatMap(({ odd: { recording } }) => recording ?? [])[0];
  const answer = { ...readyArtifacts(), recording: bad };
  expect(bad).toEqual({ url: 'https://x' });
  expect((await poll(answer, 55_000)).failure?.type).toBe('ArtifactsPending');
  const { value, lines } = await poll(answer, 60_000);
  expect(value).toEqual({ ...readyArtifacts(), recording: { status: 'unreadable' } });
  expect(lines).toMatchObject([{ level: 'error', unreadable: [{ artifact: 'recording', kind: 'an object' }] }]);
  expect(JSON.stringify(lines)).not.toContain('https://x');
});

test('the HTTP API form is taken from any source', async () => {
  const answer = cases
    .map(({ odd: { answer: each } }) => each)
    .find((each) => typeof each === 'object' && each !== null);
  expect(answer).toMatchObject({ recording_url: 'https://x' });
  // In this form an empty transcript is one that is not made yet.
  const { value } = await poll(answer, 60_000);
  expect(value).toEqual({
    recording: { status: 'ready', value: 'https://x' },
    transcript: { status: 'timed_out' },
    summary: { status: 'ready', value: 's' },
  });
});

test('an answer that is null is polled to the deadline, then unreadable', async () => {
  expect(cases.some(({ odd }) => 'answer' in odd && odd.answer === null)).toBe(true);
  expect((await poll(null, 0)).failure?.type).toBe('ArtifactsPending');
  const unreadable = { status: 'unreadable' };
  expect((await poll(null, 60_000)).value).toEqual({
    recording: unreadable,
    transcript: unreadable,
    summary: unreadable,
  });
});

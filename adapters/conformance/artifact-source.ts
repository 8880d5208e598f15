/** The suite for artifact sources. */
import assert from 'node:assert/strict';
import type { ArtifactSource, FetchedArtifacts } from '../../activities/ports/artifact-source.ts';
import { inTime } from '../../contract/in-time.ts';
import { casesFor } from './conformance-case.ts';
import type { ConformanceCase } from './conformance-case.ts';

const EXPECTS = { recording: true, transcript: true, summary: true };

/** The source under test, and two call ids. */
export type ArtifactSourceUnderTest = {
  readonly source: ArtifactSource;
  /** A call whose recording, transcript and summary are all ready. */
  readonly readyCallId: string;
  /** A call that the source does not know. */
  readonly unknownCallId: string;
};

/** Test cases for `fetch`. `open` is called once per case. */
export function artifactSourceConformance(
  open: () => Promise<ArtifactSourceUnderTest> | ArtifactSourceUnderTest,
): readonly ConformanceCase[] {
  return casesFor(open, {
    'a call whose artifacts are all there gives them in the shape of the webhook body': async (subject) => {
      const { recording, transcript, summary } = await fetch(subject, subject.readyCallId);
      assert.ok(recording.status === 'ready' && /^https?:\/\//.test(recording.value), 'recording: a ready http(s) URL');
      assert.ok(summary.status === 'ready' && summary.value !== '', 'summary: ready and not empty');
      assert.ok(transcript.status === 'ready' && transcript.value.length > 0, 'transcript: ready, with lines');
      for (const line of transcript.value) {
        const types = [line.id, line.user, line.text, line.created_at].map((value) => typeof value);
        assert.deepEqual(types, ['number', 'string', 'string', 'string'], 'a line has id, user, text, created_at');
      }
    },
    'a call it does not know is not ready: a webhook may be faster than the artifacts': async (subject) => {
      const artifacts = await fetch(subject, subject.unknownCallId).catch(() => undefined);
      const states = artifacts === undefined ? [] : Object.values(artifacts).map(({ status }) => status);
      assert.ok(!states.includes('ready'), `it says ${states.join(', ')}`);
    },
    'two polls at once get their own answers': async (subject) => {
      const [ready, unknown] = await Promise.allSettled([
        fetch(subject, subject.readyCallId),
        fetch(subject, subject.unknownCallId),
      ]);
      assert.ok(ready.status === 'fulfilled' && ready.value.summary.status === 'ready');
      assert.ok(unknown.status === 'rejected' || unknown.value.summary.status !== 'ready');
    },
    'it ends within a second when the poll is given up': async (subject) => {
      const ended = fetch(subject, subject.readyCallId, AbortSignal.abort()).then(
        () => 'ended',
        () => 'ended',
      );
      assert.equal(await inTime(ended, 1_000, () => 'still running'), 'ended');
    },
  });
}

// async, so that a source that throws at once rejects.
async function fetch(
  { source }: ArtifactSourceUnderTest,
  callId: string,
  signal = new AbortController().signal,
): Promise<FetchedArtifacts> {
  return source.fetch({ callId, expects: EXPECTS, signal });
}

/**
 * Checks and cleans what the host's artifact source returns. The fetch activity uses it. Nothing is refused: what can
 * be read is sent, and what cannot be read now is asked for again. So nothing that a transcriber writes can stop a
 * delivery.
 */
import { saidArtifacts, type SaidArtifact } from '../artifact-forms.ts';
import { utf8Bytes } from '../byte-length.ts';
import { cleanText, kindOf } from '../canonical-json.ts';
import type { CollectedArtifact, CollectedArtifacts } from '../collected-artifacts.ts';
import { given } from '../given.ts';
import { MAX_RECORDING_URL_LENGTH } from '../limits.ts';
import { mendedTranscript, type Mended } from '../repairs/transcript.ts';
import { MAX_BODY_PAYLOAD_BYTES } from '../run-limits.ts';
import { oneLine } from '../shown-text.ts';
import type { Expects } from './call-ended.ts';

/** The artifacts of one poll. One that is not there is undefined: it is pending, or nobody can read it. */
export type JudgedArtifacts = { readonly [K in keyof CollectedArtifacts]: CollectedArtifacts[K] | undefined };

/** An artifact that nobody can read. `kind`: what came, never the value. `rule`: what is read. */
export type Unreadable = { readonly artifact: keyof CollectedArtifacts; readonly kind: string; readonly rule: string };

/** The result of one poll of the source. */
export type JudgedAnswer = {
  readonly artifacts: JudgedArtifacts;
  readonly unreadable: readonly Unreadable[];
  readonly mended: readonly Mended[];
};

/** Longest reason of a source that is kept, in characters. */
const MAX_REASON = 200;

const RULES = {
  recording: `status ready with a URL as text, of 1 to ${MAX_RECORDING_URL_LENGTH} characters`,
  transcript: 'status ready with a list of { id, user, text, created_at }',
  summary: 'status ready with a text that is not empty',
};

/** Checks one answer of an `ArtifactSource`; it may have any shape. Not expected → `not_expected`. Pending or
 *  unreadable → undefined. Over 1.5 MiB together → `too_large`, the transcript first. */
export function judgeArtifacts(answer: unknown, expects: Expects): JudgedAnswer {
  const said = saidArtifacts(answer);
  const unreadable: Unreadable[] = [];
  const mended: Mended[] = [];
  const judge = <T>(
    artifact: keyof CollectedArtifacts,
    read: (value: unknown) => CollectedArtifact<T> | undefined,
  ): CollectedArtifact<T> | undefined => {
    if (!expects[artifact]) return { status: 'not_expected' };
    const judged = judgeOne(said[artifact], read);
    if (judged === 'pending') return undefined;
    if (typeof judged !== 'string') return judged;
    unreadable.push({ artifact, kind: judged, rule: RULES[artifact] });
    return undefined;
  };
  const recording = judge('recording', readRecording);
  const summary = bounded(judge('summary', readText), MAX_BODY_PAYLOAD_BYTES);
  const transcript = judge('transcript', (value) => {
    if (!Array.isArray(value)) return undefined;
    const read = mendedTranscript(value);
    mended.push(...read.mended);
    return { status: 'ready', value: read.lines };
  });
  // The transcript gets the space that the summary leaves, because both return in one payload.
  const spaceLeft = MAX_BODY_PAYLOAD_BYTES - jsonBytes(summary);
  return { artifacts: { recording, summary, transcript: bounded(transcript, spaceLeft) }, unreadable, mended };
}

/** The artifact, `pending`, or the kind of what nobody can read. */
function judgeOne<T>(said: SaidArtifact, read: (value: unknown) => CollectedArtifact<T> | undefined) {
  if (said.is === 'pending') return 'pending';
  if (said.is === 'odd') return said.kind;
  if (said.is === 'ready') return read(said.value) ?? `ready with ${kindOf(said.value)}`;
  const reason = said.reason === undefined ? undefined : oneLine(cleanText(said.reason.slice(0, MAX_REASON)));
  return { status: 'unavailable', ...given({ reason }) } as const;
}

function readRecording(value: unknown): CollectedArtifact<string> | undefined {
  const isTooLong = typeof value === 'string' && value.length > MAX_RECORDING_URL_LENGTH;
  return isTooLong ? { status: 'too_large' } : readText(value);
}

function readText(value: unknown): CollectedArtifact<string> | undefined {
  return typeof value === 'string' && value !== '' ? { status: 'ready', value: cleanText(value) } : undefined;
}

/** The artifact, or `too_large` if its JSON is longer than `maxBytes`. A larger result of the activity would block
 *  the run. */
function bounded<T>(artifact: CollectedArtifact<T> | undefined, maxBytes: number): CollectedArtifact<T> | undefined {
  // In the body this JSON is escaped once more, so there it takes at least as many bytes.
  return jsonBytes(artifact) > maxBytes ? { status: 'too_large' } : artifact;
}

/** Bytes of a ready artifact's value as JSON; 0 if it is not ready. */
function jsonBytes(artifact: CollectedArtifact<unknown> | undefined): number {
  return artifact?.status === 'ready' ? utf8Bytes(JSON.stringify(artifact.value)) : 0;
}

/**
 * Checks and cleans what the host's artifact source returns. The fetch activity uses it. Nothing is refused: an
 * artifact of a wrong shape is `unavailable`, and text is cleaned. So nothing that a transcriber writes can stop a
 * delivery.
 */
import * as z from 'zod';
import { cleanText } from '../canonical-json.ts';
import { utf8Bytes } from '../byte-length.ts';
import type { CollectedArtifacts, CollectedArtifact, TranscriptEntry } from '../collected-artifacts.ts';
import { MAX_RECORDING_URL_LENGTH } from '../limits.ts';
import { MAX_BODY_PAYLOAD_BYTES } from '../run-limits.ts';
import { wireTime } from '../wire-time.ts';
import type { Expects } from './call-ended.ts';

const cleanTextSchema = z.string().transform(cleanText);
const transcriptSchema = z.array(
  z.object({
    id: z
      .number()
      .int()
      .refine((id) => !Object.is(id, -0)),
    user: cleanTextSchema,
    text: cleanTextSchema,
    created_at: z.string().transform((text, context) => {
      const time = wireTime(text);
      if (time === undefined) context.addIssue({ code: 'custom', message: 'not a time' });
      return time ?? '';
    }),
  }),
);
const filledTextSchema = z.string().min(1).transform(cleanText);
const recordingSchema = z.string().min(1).max(MAX_RECORDING_URL_LENGTH).transform(cleanText);

const statusSchema = z.object({ status: z.enum(['ready', 'pending', 'unavailable']), value: z.unknown().optional() });
// optional(): if the source leaves one out, the others still count.
const answerSchema = z.object({
  recording: z.unknown().optional(),
  transcript: z.unknown().optional(),
  summary: z.unknown().optional(),
});

/** The result of one poll of the source. An artifact that is still pending is undefined. */
export type JudgedArtifacts = { readonly [K in keyof CollectedArtifacts]: CollectedArtifacts[K] | undefined };

/** Checks one answer of an `ArtifactSource`; it may have any shape. Not expected → `not_expected`. Pending →
 *  undefined. A wrong shape → `unavailable`. Over 1.5 MiB together → `too_large`, the transcript first. */
export function judgeArtifacts(answer: unknown, expects: Expects): JudgedArtifacts {
  const parsed = answerSchema.safeParse(answer);
  const raw = parsed.success ? parsed.data : { recording: undefined, transcript: undefined, summary: undefined };
  const recording = judgeOne(raw.recording, recordingSchema, expects.recording);
  const summary = bounded(judgeOne(raw.summary, filledTextSchema, expects.summary), MAX_BODY_PAYLOAD_BYTES);
  const transcript = judgeOne<readonly TranscriptEntry[]>(raw.transcript, transcriptSchema, expects.transcript);
  // The transcript gets the space that the summary leaves, because both return in one payload.
  return { recording, summary, transcript: bounded(transcript, MAX_BODY_PAYLOAD_BYTES - jsonBytes(summary)) };
}

function judgeOne<T>(raw: unknown, schema: z.ZodType<T>, expected: boolean): CollectedArtifact<T> | undefined {
  if (!expected) return { status: 'not_expected' };
  const artifact = statusSchema.safeParse(raw);
  if (!artifact.success) return { status: 'unavailable' };
  if (artifact.data.status === 'pending') return undefined;
  if (artifact.data.status === 'unavailable') return { status: 'unavailable' };
  const value = schema.safeParse(artifact.data.value);
  return value.success ? { status: 'ready', value: value.data } : { status: 'unavailable' };
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

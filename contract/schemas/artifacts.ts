/**
 * Artifacts as they came from the host's source, judged and cleaned by the fetch activity. Never refused: a bad shape is
 * `unavailable`, text is cleaned, so that nothing a transcriber writes can stop a delivery.
 */
import * as z from 'zod';
import { cleanText } from '../canonical-json.ts';
import { utf8Bytes } from '../byte-length.ts';
import type { CollectedArtifacts, CollectedArtifact, TranscriptEntry } from '../collected-artifacts.ts';
import { MAX_BODY_PAYLOAD_BYTES, MAX_RECORDING_URL_LENGTH } from '../limits.ts';
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
// optional(): one that is left out must not cost the others.
const answerSchema = z.object({
  recording: z.unknown().optional(),
  transcript: z.unknown().optional(),
  summary: z.unknown().optional(),
});

/** What one poll of the source came to: artifacts still open are undefined. */
export type JudgedArtifacts = { readonly [K in keyof CollectedArtifacts]: CollectedArtifacts[K] | undefined };

/** Judges one answer of an `ArtifactSource`, of whatever shape. Not expected → `not_expected`, pending → undefined, a
 *  wrong shape → `unavailable`, over 1.5 MiB together → `too_large`, the transcript first. */
export function judgeArtifacts(answer: unknown, expects: Expects): JudgedArtifacts {
  const parsed = answerSchema.safeParse(answer);
  const raw = parsed.success ? parsed.data : { recording: undefined, transcript: undefined, summary: undefined };
  const recording = judgeOne(raw.recording, recordingSchema, expects.recording);
  const summary = bounded(judgeOne(raw.summary, filledTextSchema, expects.summary), MAX_BODY_PAYLOAD_BYTES);
  const transcript = judgeOne<readonly TranscriptEntry[]>(raw.transcript, transcriptSchema, expects.transcript);
  // What the summary leaves: both return in one payload.
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

/** Measured as Temporal carries it: the activity's result must stay a payload that a run survives. */
function bounded<T>(artifact: CollectedArtifact<T> | undefined, maxBytes: number): CollectedArtifact<T> | undefined {
  // Inside the body this JSON is escaped once more, so this is the smallest it can become there.
  return jsonBytes(artifact) > maxBytes ? { status: 'too_large' } : artifact;
}

/** Bytes of a ready artifact's value as JSON; 0 where there is none. */
function jsonBytes(artifact: CollectedArtifact<unknown> | undefined): number {
  return artifact?.status === 'ready' ? utf8Bytes(JSON.stringify(artifact.value)) : 0;
}

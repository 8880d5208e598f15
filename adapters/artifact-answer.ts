/**
 * Reads the JSON that a host's API answers for one call. Used by `http-artifact-source.ts`; pure. The fetch activity
 * checks the values themselves, as for every source.
 */
import type { Artifact, FetchedArtifacts, TranscriptLine } from '../activities/ports/artifact-source.ts';

/** A 200 whose body is not the expected JSON. The message starts with "answered" and quotes nothing of the body. */
export class AnswerProblem extends Error {
  readonly code = 'artifact_answer';
}

/**
 * Expected answer, extra fields ignored:
 * `{ "recording_url": "https://…", "transcript": [ … ], "call_summary": "…" }`
 * A field that is missing, null or empty is pending. The optional key `artifacts` overrules that:
 * `"artifacts": { "recording": "unavailable" }`, or `{ "status": "unavailable", "reason": "…" }`, says that an
 * artifact will never come. Its keys are recording, transcript and summary. `pending` is allowed too, and `ready` for
 * an empty transcript.
 * Throws AnswerProblem for text that is not a JSON object.
 */
export function readArtifactAnswer(text: string): FetchedArtifacts {
  const answer = parseJson(text);
  const said = isObject(answer['artifacts']) ? answer['artifacts'] : {};
  const isText = (value: unknown): value is string => typeof value === 'string';
  return {
    recording: one(answer['recording_url'], said['recording'], isText),
    transcript: one(answer['transcript'], said['transcript'], isTranscript),
    summary: one(answer['call_summary'], said['summary'], isText),
  };
}

function parseJson(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AnswerProblem('answered 200 with something that is not JSON');
  }
  if (!isObject(value)) throw new AnswerProblem('answered 200 with JSON that is not an object');
  return value;
}

function one<T>(value: unknown, said: unknown, fits: (value: unknown) => value is T): Artifact<T> {
  const status = isObject(said) ? said['status'] : said;
  const reason = isObject(said) && typeof said['reason'] === 'string' ? said['reason'] : undefined;
  if (status === 'pending') return { status };
  // Any other word ("failed", "deleted", "not_expected") means that the artifact will not come.
  if (typeof status === 'string' && status !== 'ready') return { status: 'unavailable', reason: reason ?? status };
  const isEmpty = value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
  if (isEmpty && status !== 'ready') return { status: 'pending' };
  return fits(value) ? { status: 'ready', value } : { status: 'unavailable', reason: 'the value has a wrong shape' };
}

/** The fetch activity checks the lines themselves, as it does for every source. */
function isTranscript(value: unknown): value is readonly TranscriptLine[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

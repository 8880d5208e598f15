/**
 * Reads the JSON that a host's API gives for one call, for `http-artifact-source.ts`. Pure; the fetch activity judges the
 * values themselves, as it does for every source.
 */
import type { Artifact, FetchedArtifacts, TranscriptLine } from '../activities/ports/artifact-source.ts';

/** A 200 that is not the expected JSON. The message goes on with "answered …" and holds nothing of the answer. */
export class AnswerProblem extends Error {
  readonly code = 'artifact_answer';
}

/**
 * Expected answer, extra fields ignored:
 * `{ "recording_url": "https://…", "transcript": [ … ], "call_summary": "…" }`
 * A field that is missing, null or empty is pending. `"artifacts": { "recording": "unavailable" }`, or
 * `{ "status": "unavailable", "reason": "…" }`, overrules it (keys recording, transcript, summary; also `pending`, and
 * `ready` for an empty transcript), so a call that will never have a recording is not waited for.
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
  // Any other word than ready ("failed", "deleted", "not_expected") means that waiting is pointless.
  if (typeof status === 'string' && status !== 'ready') return { status: 'unavailable', reason: reason ?? status };
  const isEmpty = value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
  if (isEmpty && status !== 'ready') return { status: 'pending' };
  return fits(value) ? { status: 'ready', value } : { status: 'unavailable', reason: 'the value has a wrong shape' };
}

/** The lines themselves are checked by the fetch activity, where every source's answer is. */
function isTranscript(value: unknown): value is readonly TranscriptLine[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

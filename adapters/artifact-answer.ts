/**
 * Reads the JSON that a host's API answers for one call. Used by `http-artifact-source.ts`; pure. The fetch activity
 * checks the values themselves, as for every source.
 */
import type { Artifact, FetchedArtifacts } from '../activities/ports/artifact-source.ts';
import { saidByHttpApi, type SaidArtifact } from '../contract/artifact-forms.ts';

/** A 200 whose body is not the expected JSON. The message starts with "answered" and quotes nothing of the body. */
export class AnswerProblem extends Error {
  readonly code = 'artifact_answer';
}

/**
 * Expected answer, extra fields ignored:
 * `{ "recording_url": "https://…", "transcript": [ … ], "call_summary": "…" }`
 * `saidByHttpApi` describes it. Values pass as they came, whatever their shape.
 * Throws AnswerProblem for text that is not a JSON object.
 */
export function readArtifactAnswer(text: string): FetchedArtifacts {
  const { recording, transcript, summary } = saidByHttpApi(parseJson(text));
  return { recording: artifactOf(recording), transcript: artifactOf(transcript), summary: artifactOf(summary) };
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AnswerProblem('answered 200 with something that is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AnswerProblem('answered 200 with JSON that is not an object');
  }
  return value as Readonly<Record<string, unknown>>;
}

function artifactOf<T>(said: SaidArtifact): Artifact<T> {
  if (said.is === 'ready') return { status: 'ready', value: said.value as T };
  return said.is === 'unavailable' ? { status: 'unavailable', reason: said.reason ?? '' } : { status: 'pending' };
}

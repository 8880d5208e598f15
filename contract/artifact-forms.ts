/**
 * Reads the answer of a host's artifact source into one form. A source answers as the port says, or as the HTTP API
 * does. Values pass as they came; contract/schemas/artifacts.ts checks them. Pure.
 */
import { kindOf } from './canonical-json.ts';

/** What a source says of one artifact. `odd`: nobody can tell. `kind`: what stands there, never the value. */
export type SaidArtifact =
  | { readonly is: 'ready'; readonly value: unknown }
  | { readonly is: 'pending' }
  | { readonly is: 'unavailable'; readonly reason: string | undefined }
  | { readonly is: 'odd'; readonly kind: string };

/** What a source says of all artifacts. */
export type SaidArtifacts = { readonly [Name in 'recording' | 'transcript' | 'summary']: SaidArtifact };

/**
 * Reads an answer of any shape. The two forms:
 * - of the port: `{ recording, transcript, summary }`, each with a `status`;
 * - of the HTTP API: `{ "recording_url": "https://…", "transcript": [ … ], "call_summary": "…" }`. A field that is
 *   missing, null or empty is pending. The optional key `artifacts` overrules that: `{ "recording": "unavailable" }`,
 *   or `{ "recording": { "status": "unavailable", "reason": "…" } }`. It may also say `pending`, and `ready` for an
 *   empty transcript.
 */
export function saidArtifacts(answer: unknown): SaidArtifacts {
  const fields = recordOf(answer);
  if (fields === undefined) {
    const odd: SaidArtifact = { is: 'odd', kind: kindOf(answer) };
    return { recording: odd, transcript: odd, summary: odd };
  }
  if (isOfHttpApi(fields)) return saidByHttpApi(fields);
  const { recording, transcript, summary } = fields;
  return { recording: said(recording), transcript: said(transcript), summary: said(summary) };
}

/** Reads an answer in the form of the HTTP API; extra fields are ignored. */
export function saidByHttpApi(fields: Readonly<Record<string, unknown>>): SaidArtifacts {
  const { recording, transcript, summary } = recordOf(fields['artifacts']) ?? {};
  return {
    recording: saidValue(fields['recording_url'], recording),
    transcript: saidValue(fields['transcript'], transcript),
    summary: saidValue(fields['call_summary'], summary),
  };
}

function isOfHttpApi(fields: Readonly<Record<string, unknown>>): boolean {
  if ('recording' in fields || 'summary' in fields) return false;
  return 'recording_url' in fields || 'call_summary' in fields || Array.isArray(fields['transcript']);
}

/** One artifact as the port says it. */
function said(artifact: unknown): SaidArtifact {
  const { status, value, reason } = recordOf(artifact) ?? {};
  if (status === 'ready') return { is: 'ready', value };
  if (status === 'pending') return { is: 'pending' };
  if (status === 'unavailable') return { is: 'unavailable', reason: textOf(reason) };
  return { is: 'odd', kind: status === undefined ? kindOf(artifact) : 'an object with an unknown status' };
}

/** One artifact as the HTTP API says it: its value, and what the key `artifacts` says of it. */
function saidValue(value: unknown, overruling: unknown): SaidArtifact {
  const { status = overruling, reason } = recordOf(overruling) ?? {};
  if (status === 'pending') return { is: 'pending' };
  // Any other word ("failed", "deleted", "not_expected") means that the artifact will not come.
  if (typeof status === 'string' && status !== 'ready') {
    return { is: 'unavailable', reason: textOf(reason) ?? status };
  }
  const isEmpty = value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
  return isEmpty && status !== 'ready' ? { is: 'pending' } : { is: 'ready', value };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

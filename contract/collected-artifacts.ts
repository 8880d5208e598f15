/** Artifacts on their way from the fetch activity to the body. They are checked, cleaned and limited in size. Pure. */
import type { ArtifactStatus, ArtifactStatuses } from './delivery-state.ts';

/** One line of a transcript, in the form of the vendor's page. `created_at`: `YYYY-MM-DDThh:mm:ssZ`, or null if nobody
 *  can read it. */
export type TranscriptEntry = {
  readonly id: number;
  readonly user: string;
  readonly text: string;
  readonly created_at: string | null;
};

export type CollectedArtifact<T> =
  | { readonly status: 'ready'; readonly value: T }
  /** In the words of the source, for people: it stands in history and log, never in the body. */
  | { readonly status: 'unavailable'; readonly reason?: string }
  | { readonly status: Exclude<ArtifactStatus, 'ready' | 'unavailable'> };

export type CollectedArtifacts = {
  readonly recording: CollectedArtifact<string>;
  readonly transcript: CollectedArtifact<readonly TranscriptEntry[]>;
  readonly summary: CollectedArtifact<string>;
};

/** The artifacts of a failed call: it has none, and the source is not asked. */
export const NO_ARTIFACTS: CollectedArtifacts = {
  recording: { status: 'not_expected' },
  transcript: { status: 'not_expected' },
  summary: { status: 'not_expected' },
};

/** The value of an artifact that is `ready`; undefined for any other. */
export function valueOf<T>(artifact: CollectedArtifact<T>): T | undefined {
  return artifact.status === 'ready' ? artifact.value : undefined;
}

/** The status of each artifact, without its value. Bodies and results show them. */
export function statusesOf(artifacts: CollectedArtifacts): ArtifactStatuses {
  const { recording, transcript, summary } = artifacts;
  return { recording: recording.status, transcript: transcript.status, summary: summary.status };
}

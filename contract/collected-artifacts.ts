/** Artifacts as they travel from the fetch activity to the body: judged, cleaned, bounded. Pure. */
import type { ArtifactStatus, ArtifactStatuses } from './delivery-state.ts';

/** One line of a transcript, on the wire as the vendor's page shows it. */
export type TranscriptEntry = {
  readonly id: number;
  readonly user: string;
  readonly text: string;
  readonly created_at: string;
};

export type CollectedArtifact<T> =
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: Exclude<ArtifactStatus, 'ready'> };

export type CollectedArtifacts = {
  readonly recording: CollectedArtifact<string>;
  readonly transcript: CollectedArtifact<readonly TranscriptEntry[]>;
  readonly summary: CollectedArtifact<string>;
};

/** A failed call has none, and none is asked for. */
export const NO_ARTIFACTS: CollectedArtifacts = {
  recording: { status: 'not_expected' },
  transcript: { status: 'not_expected' },
  summary: { status: 'not_expected' },
};

/** The value of an artifact that is there, else undefined. */
export function valueOf<T>(artifact: CollectedArtifact<T>): T | undefined {
  return artifact.status === 'ready' ? artifact.value : undefined;
}

/** The statuses alone, as the body and results show them. */
export function statusesOf(artifacts: CollectedArtifacts): ArtifactStatuses {
  const { recording, transcript, summary } = artifacts;
  return { recording: recording.status, transcript: transcript.status, summary: summary.status };
}

/** Port: where the host keeps recordings, transcripts and summaries. Implemented by the host or by ./adapters. */
import type { Expects } from '../../contract/schemas/call-ended.ts';

/** One artifact as the source has it now. `pending` is asked for again; `unavailable` is final. */
export type Artifact<T> =
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'pending' }
  | { readonly status: 'unavailable'; readonly reason: string };

/** One line of a conversation, as the vendor's page shows it. */
export type TranscriptLine = {
  readonly id: number;
  readonly user: string;
  readonly text: string;
  /** ISO 8601. */
  readonly created_at: string;
};

export type FetchedArtifacts = {
  /** A URL that must outlive the ladder (81 min) and a redelivery. */
  readonly recording: Artifact<string>;
  readonly transcript: Artifact<readonly TranscriptLine[]>;
  readonly summary: Artifact<string>;
};

export type ArtifactSource = {
  /** Asked once per poll (every 5 s until the deadline). `expects` says what the call should have; the rest is ignored.
   *  `signal` aborts after 10 s. Throwing or hanging counts as pending; a bad shape counts as unavailable. */
  fetch(request: {
    readonly callId: string;
    readonly expects: Expects;
    readonly signal: AbortSignal;
  }): Promise<FetchedArtifacts>;
};

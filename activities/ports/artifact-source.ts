/** Port: where the host keeps recordings, transcripts and summaries. Implemented by the host, or taken from
 *  ./adapters. */
import type { Expects } from '../../contract/schemas/call-ended.ts';

/** One artifact as the source has it now. `pending`: ask again. `unavailable`: it will never come. */
export type Artifact<T> =
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'pending' }
  | { readonly status: 'unavailable'; readonly reason: string };

/** One line of a conversation, as the vendor's page shows it. `id` counts the lines; `user` names the speaker. */
export type TranscriptLine = {
  readonly id: number;
  readonly user: string;
  readonly text: string;
  /** When it was said, ISO 8601. */
  readonly created_at: string;
};

/** The answer of one poll. */
export type FetchedArtifacts = {
  /** A URL. It must stay valid for the whole ladder (81 min by default) and for a later redelivery. */
  readonly recording: Artifact<string>;
  readonly transcript: Artifact<readonly TranscriptLine[]>;
  readonly summary: Artifact<string>;
};

/** The port. */
export type ArtifactSource = {
  /** Called once per poll: every 5 s until the deadline. `expects` says which artifacts the call should have; others
   *  are ignored. `signal` aborts after 10 s. A throw or a hang counts as pending, a bad shape as unavailable. */
  fetch(request: {
    readonly callId: string;
    readonly expects: Expects;
    readonly signal: AbortSignal;
  }): Promise<FetchedArtifacts>;
};

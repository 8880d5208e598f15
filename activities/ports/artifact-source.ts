/** Port: where the host keeps recordings, transcripts and summaries. Implemented by the host, or taken from
 *  ./adapters. */
import type { Expects } from '../../contract/schemas/call-ended.ts';

/** One artifact as the source has it now. `pending`: ask again. `unavailable`: it will never come. Its reason stands in
 *  history and log, at most 200 characters of it, so it must hold no personal data. */
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
   *  are ignored. `signal` aborts after 10 s. A throw or a hang counts as pending. So does a wrong shape, which is told
   *  at error level; at the deadline it is `unreadable`. Odd lines of a transcript are mended. The form of the HTTP API
   *  (`{ recording_url, transcript, call_summary }`) is read, too. */
  fetch(request: {
    readonly callId: string;
    readonly expects: Expects;
    readonly signal: AbortSignal;
  }): Promise<FetchedArtifacts>;
};

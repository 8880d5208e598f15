/** Recording, transcript and summary for `demo` and `dev`: the vendor page's own, at once or with a summary that is late. */
import type { ArtifactSource, FetchedArtifacts } from '../activities/ports/artifact-source.ts';

/** Answers for every call. Calls in `lateSummaries` have no summary at the first poll; `onLate` is told then. */
export class DemoArtifactSource implements ArtifactSource {
  readonly #late: Set<string>;
  readonly #onLate: (callId: string) => void;

  constructor({ lateSummaries = [], onLate = () => {} }: DemoArtifactOptions = {}) {
    this.#late = new Set(lateSummaries);
    this.#onLate = onLate;
  }

  async fetch({ callId }: { readonly callId: string }): Promise<FetchedArtifacts> {
    if (!this.#late.delete(callId)) return ARTIFACTS;
    this.#onLate(callId);
    return { ...ARTIFACTS, summary: { status: 'pending' } };
  }
}

type DemoArtifactOptions = {
  readonly lateSummaries?: readonly string[];
  readonly onLate?: (callId: string) => void;
};

// Source: seed page, "Webhook Payload".
const ARTIFACTS: FetchedArtifacts = {
  recording: { status: 'ready', value: 'https://api.topcalls.ai/recordings/.../2025/12/22/mp3' },
  transcript: {
    status: 'ready',
    value: [
      {
        id: 1,
        user: 'assistant',
        text: 'Hi, this is Sarah from TopView Dental...',
        created_at: '2025-12-22T10:30:05Z',
      },
      { id: 2, user: 'user', text: 'Yes, hi...', created_at: '2025-12-22T10:30:08Z' },
    ],
  },
  summary: { status: 'ready', value: 'Successfully confirmed appointment...' },
};

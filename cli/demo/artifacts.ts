/** Recording, transcript and summary for `demo` and `dev`: those of the vendor's page, at once or with a late summary.
 *  */
import type { ArtifactSource, FetchedArtifacts } from '../../activities/ports/artifact-source.ts';
import { PAGE_ARTIFACTS } from './page-sample.ts';

/** Answers for every call. Calls in `lateSummaries` have no summary at the first poll, which is reported to `onLate`.
 *  */
export class DemoArtifactSource implements ArtifactSource {
  readonly #late: Set<string>;
  readonly #onLate: (callId: string) => void;

  constructor({ lateSummaries = [], onLate = () => {} }: DemoArtifactOptions = {}) {
    this.#late = new Set(lateSummaries);
    this.#onLate = onLate;
  }

  async fetch({ callId }: { readonly callId: string }): Promise<FetchedArtifacts> {
    if (!this.#late.delete(callId)) return PAGE_ARTIFACTS;
    this.#onLate(callId);
    return { ...PAGE_ARTIFACTS, summary: { status: 'pending' } };
  }
}

type DemoArtifactOptions = {
  readonly lateSummaries?: readonly string[];
  readonly onLate?: (callId: string) => void;
};

/**
 * Chooses the endpoints that get a label of their own. An exporter never forgets a series, so a label that was given
 * is kept, and at most `most` are ever given. The first half goes to the endpoints that come first. The second half
 * waits for endpoints with a large share of the attempts.
 */
import { OTHER } from './metric-table.ts';

/** Counts kept for each label that may be given. More of them make the shares more exact. */
const COUNTS_PER_LABEL = 4;
/** Fewer attempts are no share. */
const MIN_ATTEMPTS = 10;

export class TopEndpoints {
  readonly #most: number;
  readonly #labelled = new Set<string>();
  /** Attempts by endpoint, of few endpoints only ("space-saving": a new one takes over the smallest count). */
  readonly #counts = new Map<string, number>();
  #total = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** The label for one attempt to this endpoint: its id, or `other`. Each call counts as an attempt. */
  labelFor(endpointId: string): string {
    if (this.#labelled.has(endpointId)) {
      this.#total += 1;
      return endpointId;
    }
    const count = this.#counted(endpointId);
    if (!this.#earnsLabel(count)) return OTHER;
    this.#labelled.add(endpointId);
    this.#counts.delete(endpointId);
    return endpointId;
  }

  #earnsLabel(count: number): boolean {
    if (this.#labelled.size >= this.#most) return false;
    if (this.#labelled.size < this.#most / 2) return true;
    return count >= MIN_ATTEMPTS && count >= this.#total / (2 * this.#most);
  }

  #counted(endpointId: string): number {
    this.#total += 1;
    const before = this.#counts.get(endpointId) ?? this.#takenOver();
    this.#counts.set(endpointId, before + 1);
    return before + 1;
  }

  /** 0 while there is room. Else the smallest count, whose endpoint is forgotten. */
  #takenOver(): number {
    if (this.#counts.size < this.#most * COUNTS_PER_LABEL) return 0;
    let least: readonly [string, number] = ['', Number.POSITIVE_INFINITY];
    for (const entry of this.#counts) if (entry[1] < least[1]) least = entry;
    this.#counts.delete(least[0]);
    return least[1];
  }
}

/**
 * Turns at the codec server. A body with its payloads takes some ten times its size in memory, and a holder of the
 * token may send as many as they like. So only a few bodies are in memory at once. Other requests wait before theirs
 * is read.
 */

/** Bodies of one holder in memory at once. One that sends slowly keeps nobody but itself from decoding. */
export const BODIES_PER_HOLDER = 2;
/** Bodies in memory at once, of all holders. */
export const BODIES_IN_ALL = 4;
/** Requests of one holder that may wait. The Web UI asks for a page of a history in some dozens at once. */
export const WAITING_PER_HOLDER = 256;

type Waiting = { readonly holder: string; readonly start: () => void };

/** Gives turns in the order of arrival, past those whose holder has its share already. */
export class Turns {
  readonly #running = new Map<string, number>();
  #waiting: Waiting[] = [];

  /** Resolves when it is this holder's turn. The caller ends it by calling what it got, once or more often. Undefined:
   *  too many requests of this holder wait already. */
  async take(holder: string): Promise<(() => void) | undefined> {
    if (!this.#isFree(holder)) {
      if (this.#waiting.filter((each) => each.holder === holder).length >= WAITING_PER_HOLDER) return undefined;
      await new Promise<void>((resolve) => {
        this.#waiting.push({ holder, start: resolve });
      });
    } else this.#count(holder, 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#count(holder, -1);
      this.#startNext();
    };
  }

  #isFree(holder: string): boolean {
    const all = [...this.#running.values()].reduce((sum, count) => sum + count, 0);
    return all < BODIES_IN_ALL && (this.#running.get(holder) ?? 0) < BODIES_PER_HOLDER;
  }

  #startNext(): void {
    const next = this.#waiting.find(({ holder }) => this.#isFree(holder));
    if (next === undefined) return;
    this.#waiting = this.#waiting.filter((each) => each !== next);
    // Counted here: a request that arrives before `next` goes on must not take its place.
    this.#count(next.holder, 1);
    next.start();
  }

  #count(holder: string, change: number): void {
    const count = (this.#running.get(holder) ?? 0) + change;
    if (count === 0) this.#running.delete(holder);
    else this.#running.set(holder, count);
  }
}

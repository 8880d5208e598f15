/**
 * The port that makes a webhook handled once. It knows which ids are being handled and which are done. `receive` calls
 * it before and after each handler. Ready-made: `memorySeenEvents` for one process, `PostgresSeenEvents` for several.
 * Check your own store with `seenEventsConformance` of ./conformance.
 */

/** `claimed`: the caller handles the id. `done`: it was handled before. `busy`: another holder has claimed it. */
export type ClaimAnswer = 'claimed' | 'done' | 'busy';

/** The store. Every method may reject; the sender then tries again. */
export type SeenEvents = {
  /** Claims `id` for `holder`, atomically: of many callers at once, exactly one gets it. The claim ends after `forMs`,
   *  so a process that died blocks the id no longer than that. A claim by the holder itself extends it and answers
   *  `claimed`. */
  claim(id: string, holder: string, forMs: number): Promise<ClaimAnswer>;
  /** Marks `id` as done, whoever holds it now, because its handler has succeeded. */
  done(id: string, holder: string): Promise<void>;
  /** Releases the claim, so that the next attempt is handled. Does nothing if `holder` does not hold it, or if it is
   *  done. */
  release(id: string, holder: string): Promise<void>;
};

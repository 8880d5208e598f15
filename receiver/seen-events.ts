/**
 * The port that makes a delivery handled once: who handles an id now, and which ids are done. `receive` calls it around
 * the handlers. Ready-made: `memorySeenEvents` for one process, `PostgresSeenEvents` for several; `seenEventsConformance`
 * of ./conformance checks one of your own.
 */

/** `claimed`: yours to handle. `done`: handled before. `busy`: another holder's claim is running. */
export type ClaimAnswer = 'claimed' | 'done' | 'busy';

/** Which webhook ids are being handled and which are done. Every method may reject; then the sender tries again. */
export type SeenEvents = {
  /** Takes `id` for `holder`, atomically: of any number of callers at once, one gets it. The claim ends after `forMs`, so
   *  that a process which died holds up nothing for longer. The holder's own claim is extended, and answers `claimed`. */
  claim(id: string, holder: string, forMs: number): Promise<ClaimAnswer>;
  /** Marks `id` as done, whoever holds it by now: its handler has succeeded. */
  done(id: string, holder: string): Promise<void>;
  /** Gives up the claim, so that the next attempt is handled. A no-op where `holder` does not hold it, or it is done. */
  release(id: string, holder: string): Promise<void>;
};

/** `SeenEvents` in memory, for a receiver of one process. A restart forgets everything, so a retry after it is handled
 *  again. */
import { checkOptionNames } from '../contract/known-options.ts';
import type { ClaimAnswer, SeenEvents } from './seen-events.ts';

/** Options of `memorySeenEvents`. */
export type MemorySeenEventsOptions = {
  /** How many ids are kept as done. Default 100,000 (about 15 MB). Beyond that the oldest is forgotten; claims never
   *  are. */
  readonly max?: number;
  /** How long an id is kept as done, in ms. Default 24 h. The sender's ladder lasts 81 minutes. */
  readonly ttlMs?: number;
};

/** Makes a store that remembers ids in this process. Throws RangeError for an impossible `max` or `ttlMs`. */
export function memorySeenEvents(options: MemorySeenEventsOptions = {}): SeenEvents {
  checkOptionNames('memorySeenEvents', options, ['max', 'ttlMs']);
  const { max = 100_000, ttlMs = 86_400_000 } = options;
  if (!Number.isSafeInteger(max) || max < 1) {
    throw new RangeError(`memorySeenEvents: max is ${max}; it must be a whole number from 1 up`);
  }
  if (!(ttlMs > 0)) throw new RangeError(`memorySeenEvents: ttlMs is ${ttlMs}; it must be above 0`);
  // Ordered by end: each entry lasts equally long, so the first in is the first to end.
  const doneUntil = new Map<string, number>();
  const claims = new Map<string, { readonly holder: string; readonly until: number }>();

  const claim = (id: string, holder: string, forMs: number): ClaimAnswer => {
    const now = Date.now();
    if ((doneUntil.get(id) ?? 0) > now) return 'done';
    const held = claims.get(id);
    if (held !== undefined && held.holder !== holder && held.until > now) return 'busy';
    claims.set(id, { holder, until: now + forMs });
    return 'claimed';
  };
  const done = (id: string): void => {
    claims.delete(id);
    doneUntil.delete(id);
    doneUntil.set(id, Date.now() + ttlMs);
    for (const [oldest, until] of doneUntil) {
      if (doneUntil.size <= max && until > Date.now()) break;
      doneUntil.delete(oldest);
    }
  };
  return {
    claim: async (id, holder, forMs) => claim(id, holder, forMs),
    done: async (id) => done(id),
    release: async (id, holder) => {
      if (claims.get(id)?.holder === holder) claims.delete(id);
    },
  };
}

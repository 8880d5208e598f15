/** `SeenEvents` in memory: for a receiver of one process. A restart forgets, so a retry across it is handled again. */
import type { ClaimAnswer, SeenEvents } from './seen-events.ts';

/** Options of `memorySeenEvents`. */
export type MemorySeenEventsOptions = {
  /** Default 100,000 (about 15 MB). Ids kept as done; beyond it the oldest is forgotten. Claims are never forgotten. */
  readonly max?: number;
  /** Default 24 h. How long an id is kept as done, ms. The sender's ladder lasts 81 minutes. */
  readonly ttlMs?: number;
};

/** Remembers ids in this process. Throws RangeError for bounds that cannot be. */
export function memorySeenEvents({ max = 100_000, ttlMs = 86_400_000 }: MemorySeenEventsOptions = {}): SeenEvents {
  if (!Number.isSafeInteger(max) || max < 1) throw new RangeError(`memorySeenEvents: max is ${max}; allowed: 1 and up`);
  if (!(ttlMs > 0)) throw new RangeError(`memorySeenEvents: ttlMs is ${ttlMs}; it must be above 0`);
  // In the order of their ends, since each lasts equally long.
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

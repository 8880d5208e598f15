/** What an attempt's result means for the ladder: its verdict, and the wait before the next attempt. Pure. */
import { MAX_RETRY_AFTER_MS } from '../../contract/limits.ts';
import type { AttemptOutcome } from '../../contract/delivery-state.ts';
import type { PostResult } from './webhook-sender.ts';

/** Result of an attempt, with or without a POST: if the secret store is down, nothing is sent. */
export type AttemptResult = Omit<PostResult, 'outcome'> & { readonly outcome: AttemptOutcome };

/** `delivered`, `gone` and `refused` end the delivery; `retry` goes on with the ladder while it lasts. `not_sent`: our
 *  own fault, which spends no attempt. */
export type Verdict = 'delivered' | 'gone' | 'refused' | 'retry' | 'not_sent';

/** Verdict on one attempt. A receiver's bad deploy often shows as 401, 404 or an expired certificate, so every answer
 *  but 410 is tried again. A forbidden address that a name resolved to is tried again too, since resolvers glitch. So
 *  is an address of this machine, since the next worker may run on another. A URL or literal address that our own rules
 *  forbid will not get better. */
export function verdictOf(result: Pick<AttemptResult, 'outcome' | 'status' | 'code'>): Verdict {
  if (result.outcome === 'delivered') return 'delivered';
  if (result.outcome === 'not_sent') return 'not_sent';
  if (result.outcome === 'http' && result.status === 410) return 'gone';
  if (result.outcome === 'refused' && !MAY_GET_BETTER.has(result.code)) return 'refused';
  return 'retry';
}

const MAY_GET_BETTER: ReadonlySet<string> = new Set(['address_own', 'address_resolved']);

/** Wait before the next attempt in ms: the ladder's step, or the receiver's `Retry-After` if that is longer. A hint is
 *  followed up to one hour. waitMs(60000, 120000) → 120000; waitMs(60000, 86400000) → 3600000. */
export function waitMs(stepMs: number, retryAfterMs?: number): number {
  return Math.max(stepMs, Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
}

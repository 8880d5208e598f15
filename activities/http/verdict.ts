/** What an attempt's result means for the ladder: the table of verdicts, and the wait before the next attempt. Pure. */
import { MAX_RETRY_AFTER_MS } from '../../contract/limits.ts';
import type { AttemptOutcome } from '../../contract/delivery-state.ts';
import type { PostResult } from './webhook-sender.ts';

/** What an attempt came to, whether or not a POST was made: a secret store that is down sends nothing. */
export type AttemptResult = Omit<PostResult, 'outcome'> & { readonly outcome: AttemptOutcome };

/** `delivered`, `gone` and `refused` end the delivery; `retry` goes on with the ladder while it lasts. */
export type Verdict = 'delivered' | 'gone' | 'refused' | 'retry';

/** Verdict on one attempt. A receiver's bad deploy often shows as 401, 404 or an expired certificate, so all but 410 is
 *  tried again; so is a forbidden address that a name resolved to, since resolvers glitch. A URL or literal address our
 *  own rules forbid will not get better. */
export function verdictOf(result: AttemptResult): Verdict {
  if (result.outcome === 'delivered') return 'delivered';
  if (result.outcome === 'http' && result.status === 410) return 'gone';
  if (result.outcome === 'refused' && result.code !== 'address_resolved') return 'refused';
  return 'retry';
}

/** Wait before the next attempt in ms: the ladder's step, or the receiver's `Retry-After` where that is longer, followed
 *  up to one hour. waitMs(60000, 120000) → 120000; waitMs(60000, 86400000) → 3600000. */
export function waitMs(stepMs: number, retryAfterMs?: number): number {
  return Math.max(stepMs, Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
}

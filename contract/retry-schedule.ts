/**
 * The ladder: at once, then 1 min, 5 min, 15 min, 1 h after the attempt before. The workflow takes its retry policy
 * from here, the delivery activity its `nextRetryDelay`, and the client what comes next. Pure; it uses no clock.
 */

/** Default waits after attempts 1 to 4, in ms. Source: the vendor's page, "Webhook Retries". */
export const DEFAULT_RETRY_DELAYS_MS: readonly number[] = [60_000, 300_000, 900_000, 3_600_000];

/** Number of attempts of a ladder: one more than its waits. */
export function attemptsIn(retryDelaysMs: readonly number[]): number {
  return retryDelaysMs.length + 1;
}

/** Wait after attempt `attempt` (from 1 up), in ms. Undefined when no attempt follows.
 *  waitAfter(1) → 60000 … waitAfter(4) → 3600000, waitAfter(5) → undefined. */
export function waitAfter(attempt: number, retryDelaysMs: readonly number[] = DEFAULT_RETRY_DELAYS_MS) {
  return retryDelaysMs[attempt - 1];
}

/** Sum of the waits of a ladder, in ms: 4,860,000 (81 min) for the default. It is the time from the first attempt to
 *  the last one, if the attempts themselves take no time. */
export function scheduleSpanMs(retryDelaysMs: readonly number[] = DEFAULT_RETRY_DELAYS_MS): number {
  return retryDelaysMs.reduce((sum, wait) => sum + wait, 0);
}

/** Wait after attempt `attempt` (from 1 up) that could not name its own wait, in ms. Temporal's retry policy of a
 *  whole ladder gives it. */
export function waitAfterLost(attempt: number, retryDelaysMs: readonly number[]): number {
  const { initialInterval, backoffCoefficient, maximumInterval } = retryPolicyAfter(0, retryDelaysMs);
  return Math.min(initialInterval * backoffCoefficient ** (attempt - 1), maximumInterval);
}

/** Temporal's retry policy for a ladder of which `attemptsMade` attempts were made. A failed attempt normally names
 *  its own wait. The policy's intervals apply only after one that could not, because its worker was killed or it
 *  timed out. With coefficient 4 they are 1, 4, 16 and 60 min. */
export function retryPolicyAfter(attemptsMade: number, retryDelaysMs: readonly number[]) {
  const initialInterval = retryDelaysMs[attemptsMade] ?? 1_000;
  return {
    initialInterval,
    backoffCoefficient: 4,
    // Never below initialInterval: a run with such a policy hangs.
    maximumInterval: Math.max(initialInterval, ...retryDelaysMs),
    maximumAttempts: Math.max(1, attemptsIn(retryDelaysMs) - attemptsMade),
  };
}

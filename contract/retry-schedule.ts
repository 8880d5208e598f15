/**
 * The ladder: at once, then 1 min, 5 min, 15 min, 1 h after the previous attempt. Used by the workflow (retry policy),
 * the delivery activity (`nextRetryDelay`) and the client (what comes next). Pure; no clock.
 */

/** Waits after attempts 1 to 4, in ms. Source: the vendor's page, "Webhook Retries". */
export const DEFAULT_RETRY_DELAYS_MS: readonly number[] = [60_000, 300_000, 900_000, 3_600_000];

/** Attempts a ladder has in all: one more than its waits. */
export function attemptsIn(retryDelaysMs: readonly number[]): number {
  return retryDelaysMs.length + 1;
}

/** Wait before the attempt that follows attempt `attempt` (1-based), in ms; undefined when the schedule is spent.
 *  waitAfter(1) → 60000 … waitAfter(4) → 3600000, waitAfter(5) → undefined. */
export function waitAfter(attempt: number, retryDelaysMs: readonly number[] = DEFAULT_RETRY_DELAYS_MS) {
  return retryDelaysMs[attempt - 1];
}

/** From the first attempt's end to the last one's start, in ms, where each attempt takes no time: 4,860,000 (81
 *  min). */
export function scheduleSpanMs(retryDelaysMs: readonly number[] = DEFAULT_RETRY_DELAYS_MS): number {
  return retryDelaysMs.reduce((sum, wait) => sum + wait, 0);
}

/** Wait that Temporal's policy of a whole ladder gives after attempt `attempt` (1-based) that could not name its own,
 *  in ms. */
export function waitAfterLost(attempt: number, retryDelaysMs: readonly number[]): number {
  const { initialInterval, backoffCoefficient, maximumInterval } = retryPolicyAfter(0, retryDelaysMs);
  return Math.min(initialInterval * backoffCoefficient ** (attempt - 1), maximumInterval);
}

/** Temporal retry policy of a ladder that has `attemptsMade` attempts behind it. Its intervals count only for attempts
 *  that could not name their own delay (a killed worker, a timeout); coefficient 4 then gives 1, 4, 16, 60 min. */
export function retryPolicyAfter(attemptsMade: number, retryDelaysMs: readonly number[]) {
  const initialInterval = retryDelaysMs[attemptsMade] ?? 1_000;
  return {
    initialInterval,
    backoffCoefficient: 4,
    // Never below initialInterval: such a policy hangs the run.
    maximumInterval: Math.max(initialInterval, ...retryDelaysMs),
    maximumAttempts: Math.max(1, attemptsIn(retryDelaysMs) - attemptsMade),
  };
}

/** Whether a wait is longer than the ladder's, because the receiver asked for it. `status`, `retry-now` tell. Pure. */
import type { DeliveryStatus } from './delivery-state.ts';
import { waitAfter } from './retry-schedule.ts';

/** Answers whose `Retry-After` is followed. */
const ASKS_TO_WAIT: ReadonlySet<number | undefined> = new Set([429, 503]);
/** Two clocks wrote the times that are compared, ms. */
const CLOCK_MS = 1_000;

/** The wait, and the rung that the ladder alone would wait, in ms. Undefined if it is not longer. */
export function laterThanRung(
  { attempts, nextAttemptAt = '' }: Pick<DeliveryStatus, 'attempts' | 'nextAttemptAt'>,
  retryDelaysMs: readonly number[],
): { readonly waitMs: number; readonly rungMs: number } | undefined {
  const last = attempts.at(-1);
  const rungMs = last === undefined ? undefined : waitAfter(last.number, retryDelaysMs);
  if (last === undefined || rungMs === undefined || !ASKS_TO_WAIT.has(last.status)) return undefined;
  const waitMs = Date.parse(nextAttemptAt) - Date.parse(last.startedAt) - last.durationMs;
  return waitMs > rungMs + CLOCK_MS ? { waitMs, rungMs } : undefined;
}

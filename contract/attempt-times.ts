/** When an attempt ran, by the server's clock. Its activity tells the time of a host whose clock may be minutes off, so
 *  workflow and client hold it against what the server knows. Pure. */
import type { Attempt } from './delivery-state.ts';
import { DELIVERY_START_TO_CLOSE_MS } from './limits.ts';
import { waitAfterLost } from './retry-schedule.ts';
import type { AttemptReport } from './run-messages.ts';

/** The reported attempt with its times in bounds: not before the ladder's rung was due (`previous.nextAttemptAt`), and not
 *  after `toldAtMs`, the server's time of the report. Times that agree stay as they are. */
export function timedAttempt(report: AttemptReport, previous: Attempt | undefined, toldAtMs: number): Attempt {
  const { attempt, nextDelayMs } = report;
  const reportedMs = Date.parse(attempt.startedAt);
  // retryNow starts an attempt before its time.
  const dueMs = attempt.trigger === 'schedule' ? Date.parse(previous?.nextAttemptAt ?? attempt.startedAt) : reportedMs;
  const startedMs = Math.min(Math.max(reportedMs, dueMs), toldAtMs);
  if (startedMs === reportedMs || Number.isNaN(startedMs)) return attempt;
  const { nextAttemptAt: _byHostClock, ...rest } = attempt;
  const next =
    nextDelayMs === undefined ? {} : { nextAttemptAt: isoTime(startedMs + attempt.durationMs + nextDelayMs) };
  return { ...rest, startedAt: isoTime(startedMs), ...next };
}

/** When an attempt that never reported began, as far as the one before tells: as that announced, or, where that was lost too,
 *  when the server had given it up and waited by its own policy. Undefined where nothing is known of either. */
export function lostAttemptAt(before: Attempt | undefined, retryDelaysMs: readonly number[]): string | undefined {
  if (before === undefined || before.nextAttemptAt !== undefined) return before?.nextAttemptAt;
  if (before.outcome !== 'unknown') return before.startedAt;
  const givenUpMs = Date.parse(before.startedAt) + DELIVERY_START_TO_CLOSE_MS;
  return isoTime(givenUpMs + waitAfterLost(before.number, retryDelaysMs));
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

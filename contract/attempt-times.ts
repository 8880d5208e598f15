/** When an attempt ran, by the server's clock. The activity reports the time of its host, whose clock may be minutes
 *  off. Workflow and client therefore correct it by times that the server knows. Pure. */
import type { Attempt } from './delivery-state.ts';
import { given } from './given.ts';
import { DELIVERY_START_TO_CLOSE_MS } from './run-limits.ts';
import { waitAfterLost } from './retry-schedule.ts';
import type { AttemptReport } from './run-messages.ts';

/** The reported attempt, with its times in bounds. It starts neither before it was due (`previous.nextAttemptAt`) nor
 *  after `toldAtMs`, the server's time of the report. A time within these bounds is not changed. */
export function timedAttempt(report: AttemptReport, previous: Attempt | undefined, toldAtMs: number): Attempt {
  const { attempt, nextDelayMs } = report;
  const reportedMs = Date.parse(attempt.startedAt);
  // A retryNow starts an attempt before it is due.
  const dueMs = attempt.trigger === 'schedule' ? Date.parse(previous?.nextAttemptAt ?? attempt.startedAt) : reportedMs;
  const startedMs = Math.min(Math.max(reportedMs, dueMs), toldAtMs);
  if (startedMs === reportedMs || Number.isNaN(startedMs)) return attempt;
  const { nextAttemptAt: _byHostClock, ...rest } = attempt;
  const endedMs = startedMs + attempt.durationMs;
  const nextAttemptAt = nextDelayMs === undefined ? undefined : isoTime(endedMs + nextDelayMs);
  return { ...rest, startedAt: isoTime(startedMs), ...given({ nextAttemptAt }) };
}

/** When an attempt that never reported began, computed from the attempt `before` it. That attempt usually announced
 *  the time. If it never reported either, the server timed it out and then waited by its own retry policy. Undefined
 *  when no attempt is known before it. */
export function lostAttemptAt(before: Attempt | undefined, retryDelaysMs: readonly number[]): string | undefined {
  if (before === undefined || before.nextAttemptAt !== undefined) return before?.nextAttemptAt;
  if (before.outcome !== 'unknown') return before.startedAt;
  const givenUpMs = Date.parse(before.startedAt) + DELIVERY_START_TO_CLOSE_MS;
  return isoTime(givenUpMs + waitAfterLost(before.number, retryDelaysMs));
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The attempts of a delivery as a table, the same for `status` and for `db show`. */
import type { Attempt } from '../../contract/delivery-state.ts';
import { plainTable } from '../process/plain-table.ts';

/** One line per attempt, at most 80 columns wide. An attempt that never reported has a line of its own below. */
export function attemptsTable(attempts: readonly Attempt[]): string {
  const head = ['', 'started', 'outcome', 'answer', 'ms', 'trigger'];
  const rows = attempts.map(({ number, startedAt, outcome, status, code, durationMs, trigger }) => [
    number,
    inSeconds(startedAt),
    outcome,
    status ?? code,
    outcome === 'unknown' ? undefined : durationMs,
    trigger,
  ]);
  const lost = attempts.filter(({ outcome }) => outcome === 'unknown').map(({ number }) => number);
  if (lost.length === 0) return plainTable(head, rows);
  // A worker that lives may have missed it: the server or the network lost the task, or the report.
  const words = 'no report of it came, as when a worker is lost; the receiver may have seen it';
  return `${plainTable(head, rows)}\nattempt ${lost.join(', ')}: ${words}`;
}

/** 2026-01-31T23:20:56.330Z → 2026-01-31T23:20:56Z. */
export function inSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

/** What stands before the time of a next attempt: nothing, or `was due ` where it has gone by without one. */
export function wasDue(time: string, nowMs: number): string {
  return Date.parse(time) > nowMs ? '' : 'was due ';
}

/** `failed (http_503)`. A reason that only repeats the state is left out. */
export function stateInWords(state: string, reason: string | undefined): string {
  return reason === undefined || reason === state ? state : `${state} (${reason})`;
}

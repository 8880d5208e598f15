/** The attempts of a delivery as a table, the same for `status` and for `db show`. */
import type { Attempt } from '../../contract/delivery-state.ts';
import { plainTable } from '../process/plain-table.ts';

/** One line per attempt, at most 80 columns wide. */
export function attemptsTable(attempts: readonly Attempt[]): string {
  const head = ['', 'started', 'outcome', 'answer', 'ms', 'trigger'];
  const rows = attempts.map(({ number, startedAt, outcome, status, code, durationMs, trigger }) => [
    number,
    inSeconds(startedAt),
    outcome,
    status ?? code,
    durationMs,
    trigger,
  ]);
  return plainTable(head, rows);
}

/** 2026-01-31T23:20:56.330Z → 2026-01-31T23:20:56Z. */
export function inSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

/** `failed (http_503)`. */
export function stateInWords(state: string, reason: string | undefined): string {
  return reason === undefined ? state : `${state} (${reason})`;
}

/** The attempts of a delivery as a table, the same for `status` and for `db show`. */
import type { Attempt } from '../../contract/delivery-state.ts';
import { plainTable } from '../process/plain-table.ts';

/** One line per attempt. */
export function attemptsTable(attempts: readonly Attempt[]): string {
  const head = ['attempt', 'started', 'outcome', 'status or code', 'ms', 'trigger'];
  const table = plainTable(head);
  for (const { number, startedAt, outcome, status, code, durationMs, trigger } of attempts) {
    table.push([number, startedAt, outcome, status ?? code ?? '', durationMs, trigger]);
  }
  return table.toString();
}

/** Tables of the command line. They go to stdout, perhaps into a pipe, so they have no colours. One line per row. */
import Table from 'cli-table3';

/** An empty table with these column heads. `push` its rows, then call `toString()`. */
export function plainTable(head: readonly string[]): Table.Table {
  return new Table({ head: [...head], style: { head: [], border: [], compact: true } });
}

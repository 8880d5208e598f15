/** Tables of the command line. They go to stdout and may be piped, so without colours; a line for a row. */
import Table from 'cli-table3';

/** An empty table with these column heads; `push` its rows, then `toString()`. */
export function plainTable(head: readonly string[]): Table.Table {
  return new Table({ head: [...head], style: { head: [], border: [], compact: true } });
}

/** Tables of the command line. They go to stdout, perhaps into a pipe, so they have no colours. */
import Table from 'cli-table3';
import { oneLine } from '../../contract/shown-text.ts';

type Cell = string | number | undefined;

/** What a terminal shows without wrapping. */
const WIDTH = 80;
/** A cell's text has a blank on each side, and a border on its right; one more border is on the left. */
const FRAME = 3;

/** A table with these column heads. Each row is one line, unless the table would be wider than 80 columns: then the
 *  widest columns are narrowed, and their long cells take several lines. */
export function plainTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = rows.map((cells) => cells.map((cell) => oneLine(String(cell ?? ''))));
  const widths = head.map((name, column) =>
    Math.max(...[name, ...lines.map((line) => line[column] ?? '')].map((text) => Array.from(text).length)),
  );
  narrow(widths);
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  table.push(...lines.map((cells) => cells.map((cell, column) => inLines(cell, widths[column] ?? WIDTH))));
  return table.toString();
}

/** Takes columns from the widest one until all fit. */
function narrow(widths: number[]): void {
  let excess = widths.reduce((sum, width) => sum + width + FRAME, 1) - WIDTH;
  for (; excess > 0; excess -= 1) {
    const widest = Math.max(...widths);
    widths[widths.indexOf(widest)] = widest - 1;
  }
}

/** Not the table's own word wrap: it cuts emoji in halves. */
function inLines(text: string, width: number): string {
  const characters = Array.from(text);
  const count = Math.max(1, Math.ceil(characters.length / width));
  const lines = Array.from({ length: count }, (_, line) => characters.slice(line * width, (line + 1) * width).join(''));
  return lines.join('\n');
}

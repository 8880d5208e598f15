/** Lines for programs that read columns, as `cut` does. Pure. */
import { oneLine } from '../../contract/shown-text.ts';

/** The cells on one line, a tab between them. No cell holds a tab or a line break of its own. */
export function tabbed(...cells: readonly string[]): string {
  return cells.map(oneLine).join('\t');
}

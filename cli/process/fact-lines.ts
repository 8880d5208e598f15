/** Facts about one thing in as few lines as fit a terminal. Pure. */
import { oneLine } from '../../contract/shown-text.ts';

const WIDTH = 80;
const INDENT = '  ';

/** The first fact starts a line; the others follow on indented lines, two blanks between them. A line has at most 80
 *  columns, unless a single fact is longer. Empty facts are left out. */
export function factLines(facts: readonly string[]): string {
  const [first = '', ...others] = facts.filter((fact) => fact !== '').map(oneLine);
  const lines = [first];
  for (const fact of others) {
    const last = lines.at(-1) ?? '';
    const joined = `${last}  ${fact}`;
    if (lines.length === 1 || Array.from(joined).length > WIDTH) lines.push(`${INDENT}${fact}`);
    else lines[lines.length - 1] = joined;
  }
  return lines.join('\n');
}

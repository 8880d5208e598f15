/** Processor time of a process and its children, as Linux counts it. Reading it costs nothing, and the machine's other
 *  work is not in it. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second: fixed in Linux' interface to programs. */
const TICKS = 100;

type Stat = { readonly pid: number; readonly parent: number; readonly name: string; readonly seconds: number };

/** Seconds that the children of this process have used, by their name, each with its own children. */
export function childrenSeconds(): ReadonlyMap<string, number> {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => statOf(Number(pid)));
  const sum = (pid: number): number =>
    all.reduce((total, each) => total + (each.parent === pid ? each.seconds + sum(each.pid) : 0), 0);
  const seconds = new Map<string, number>();
  for (const { pid, parent, name, seconds: own } of all) {
    if (parent === process.pid) seconds.set(`${name} ${pid}`, own + sum(pid));
  }
  return seconds;
}

/** Empty for a process that has ended meanwhile. */
function statOf(pid: number): readonly Stat[] {
  try {
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const fields = rest.split(' ');
    // User and system time, its own and of children that have ended.
    const ticks = [11, 12, 13, 14].reduce((total, index) => total + Number(fields[index]), 0);
    return [{ pid, parent: Number(fields[1]), name, seconds: ticks / TICKS }];
  } catch {
    return [];
  }
}

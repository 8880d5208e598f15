/** Processor time of a process with all its children, the ended ones too, from Linux's /proc. For servers that cannot
 *  be asked. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in these for programs, whatever its own clock is. */
const MS_PER_TICK = 10;

/** Milliseconds so far. */
export function treeCpuMs(root: number): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)));
  const ticksOf = (pid: number): number => {
    const own = all.find((each) => each.pid === pid);
    const children = all.filter(({ parent }) => parent === pid);
    return (own?.ticks ?? 0) + children.reduce((sum, child) => sum + ticksOf(child.pid), 0);
  };
  return ticksOf(root) * MS_PER_TICK;
}

type Stat = { readonly pid: number; readonly parent: number; readonly ticks: number };

function statOf(pid: number): Stat[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may contain anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const parent = fields[1] ?? 0;
    // utime, stime, and those of children that have ended.
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    return [{ pid, parent, ticks }];
  } catch {
    // Ended since the list was read.
    return [];
  }
}

/** Our child process of that name. */
export function ownChild(name: string): number {
  for (const pid of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    if (statOf(Number(pid))[0]?.parent === process.pid && commandOf(pid) === name) return Number(pid);
  }
  throw new Error(`no process ${name} was started`);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

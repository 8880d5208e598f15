/** A limit for whatever a child process makes us wait for. */
import type { ChildProcess } from 'node:child_process';

/** Resolves or rejects as `work` does. Kills the child with SIGKILL when that takes longer than `ms`: `work` must end
 *  when the child is gone. */
export async function orKilled<T>(child: ChildProcess, work: Promise<T>, ms: number): Promise<T> {
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

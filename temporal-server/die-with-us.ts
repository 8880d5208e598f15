/**
 * Ties a child process to ours: it dies even when we are killed and can stop nothing ourselves.
 * Node has no PR_SET_PDEATHSIG, and a process group would also bring Ctrl-C to a server that must outlive the worker.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Starts a shell that waits on a pipe from us and kills `pid` when the pipe ends, which the system does however we die.
 * Returns the function that ends the watch; call it when the child has ended, before its number can be given to another.
 * Not on Windows, which has no /bin/sh: there a killed CLI leaves its server behind.
 */
export function killWhenWeDie(pid: number): () => void {
  if (process.platform === 'win32') return () => {};
  const watch = spawn('/bin/sh', ['-c', 'read -r _; kill -9 "$1" 2>/dev/null', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // No shell: the child is then ended only by whoever stops it, as without this file.
  watch.on('error', () => {});
  watch.unref();
  (watch.stdin as Socket | null)?.unref();
  return () => watch.kill('SIGKILL');
}

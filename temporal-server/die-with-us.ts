/**
 * Ties a child process to ours: it dies also when we are killed, which lets us stop nothing ourselves.
 * Node has no PR_SET_PDEATHSIG. A process group would also bring Ctrl-C to a server that must outlive the worker.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Starts a shell that waits on a pipe from us and kills `pid` when the pipe ends. The system ends the pipe however we
 * die. Returns the function that ends the watch. Call it when the child has ended, before another gets its number.
 * Does nothing on Windows, which has no /bin/sh: there a killed CLI leaves its server behind.
 */
export function killWhenWeDie(pid: number): () => void {
  if (process.platform === 'win32') return () => {};
  const watch = spawn('/bin/sh', ['-c', 'read -r _; kill -9 "$1" 2>/dev/null', 'sh', String(pid)], {
    // The shell needs nothing of our environment, which may hold secrets.
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell there is no watch: the child then ends only when it is stopped.
  watch.on('error', () => {});
  watch.unref();
  (watch.stdin as Socket | null)?.unref();
  return () => watch.kill('SIGKILL');
}

/**
 * The frame of a system test's run: a folder, the processes that write their logs there, and an end after which
 * nothing runs.
 */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catchInterrupts } from '../../cli/process/interrupts.ts';
import { closeAll } from './run-script.ts';
import type { Closers } from './run-script.ts';

export type SystemRun = {
  /** Data, and the log of each process. */
  readonly folder: string;
  /** What ends the parts. Every part adds its own when it starts. */
  readonly closers: Closers;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Tells what is being done. */
  readonly say: (line: string) => void;
};

/**
 * Plays in a new temporary folder. Resolves with what `play` resolves with; undefined after Ctrl-C. Everything has
 * ended by then, and `tidy` gets the folder.
 */
export async function playInFolder<T>(
  {
    name,
    say,
    tidy,
  }: { readonly name: string; readonly say: SystemRun['say']; readonly tidy: (folder: string) => void },
  play: (run: SystemRun) => Promise<T>,
): Promise<T | undefined> {
  const { signal, release } = catchInterrupts();
  const folder = mkdtempSync(join(tmpdir(), `topcalls-${name}-`));
  // If we are root, PostgreSQL runs as another user, who needs access to its part of the folder. Secrets have modes
  // of their own.
  chmodSync(folder, 0o755);
  const closers: Closers = [];
  const interrupted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined));
  });
  try {
    return await Promise.race([play({ folder, closers, signal, say }), interrupted]);
  } finally {
    await closeAll(closers);
    tidy(folder);
    release();
  }
}

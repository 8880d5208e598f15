/** The frame of every script of this repository: run, say in one line why it failed, close what it opened, exit. */

/** Things to close; the last one that was opened is closed first. */
export type Closers = (() => Promise<unknown>)[];

/**
 * Runs `main` and ends the process with the exit code that it resolves with (default 0), or with 1 where it rejects.
 * What `main` puts into its closers is closed either way, also where it stopped half-way.
 */
export async function runScript(main: (closers: Closers) => Promise<number | void>): Promise<never> {
  const closers: Closers = [];
  // What Node says when nothing is left to wait for, before `main` has come to its end.
  process.exitCode = 1;
  let exitCode = 1;
  try {
    exitCode = (await main(closers)) ?? 0;
  } catch (error) {
    process.stderr.write(`error: ${wordsOf(error)}\n`);
  }
  await closeAll(closers);
  // Native handles of an SDK connection that never came about would keep the process.
  process.exit(exitCode);
}

/** Closes everything, also what is added meanwhile. */
export async function closeAll(closers: Closers): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
}

/** Errors with a code, and of our own scripts, explain themselves. Others are bugs and keep their stack. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isPlain = error.constructor === Error || 'code' in error;
  return isPlain ? error.message : (error.stack ?? error.message);
}

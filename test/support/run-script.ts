/** The frame of every script of this repository: run, say in one line why it failed, close what it opened, exit. */

/** Things to close; the last one that was opened is closed first. */
export type Closers = (() => Promise<unknown>)[];

/**
 * Runs `main` and ends the process with the exit code that it resolves with (default 0), or with 1 where it rejects. What
 * `main` puts into its closers is closed either way, also where it stopped half-way.
 */
export async function runScript(main: (closers: Closers) => Promise<number | void>): Promise<never> {
  const closers: Closers = [];
  let exitCode = 1;
  try {
    exitCode = (await main(closers)) ?? 0;
  } catch (error) {
    process.stderr.write(`error: ${wordsOf(error)}\n`);
  }
  for (const close of closers.toReversed()) await close();
  // Native handles of an SDK connection that never came about would keep the process.
  process.exit(exitCode);
}

/** Errors with a code, and of our own scripts, explain themselves. Others are bugs and keep their stack. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isPlain = error.constructor === Error || 'code' in error;
  return isPlain ? error.message : (error.stack ?? error.message);
}

/** The frame of every script of this repository: run, say in one line why it failed, close what was opened, exit. */

/** Things to close. The last one opened is closed first. */
export type Closers = (() => Promise<unknown>)[];

/**
 * Runs `main` and ends the process with the exit code that it resolves with (default 0), or with 1 if it rejects.
 * Everything that `main` put into its closers is closed in both cases, even if it stopped half-way.
 */
export async function runScript(main: (closers: Closers) => Promise<number | void>): Promise<never> {
  const closers: Closers = [];
  // Node's own exit code when nothing is left to wait for and `main` has not ended.
  process.exitCode = 1;
  let exitCode = 1;
  try {
    exitCode = (await main(closers)) ?? 0;
  } catch (error) {
    process.stderr.write(`error: ${wordsOf(error)}\n`);
  }
  await closeAll(closers);
  // Native handles of a failed SDK connection would keep the process alive.
  process.exit(exitCode);
}

/** Closes everything, including what is added meanwhile. */
export async function closeAll(closers: Closers): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
}

/** Errors with a code and errors of our own scripts explain themselves. Others are bugs and keep their stack. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isPlain = error.constructor === Error || 'code' in error;
  return isPlain ? error.message : (error.stack ?? error.message);
}

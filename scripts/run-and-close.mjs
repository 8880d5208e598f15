/** Runs a script's `main` to its end, says in one line why it failed, and closes what it opened, the last first, either way. */
export async function runAndClose(main, closers) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

/** Waits for a state of the real world by asking for it: no fixed sleeps, and a clear error when it never comes. */

/** Less than the 300 s of a test, so that the error says what was waited for. A server that is slow may lose the start
 *  of an attempt, and gives it out again after 30 s. */
const PATIENCE_MS = 150_000;

/** Asks every 50 ms until `ask` gives something truthy; rejects after `timeoutMs` with `what`. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T> | T,
  timeoutMs = PATIENCE_MS,
): Promise<NonNullable<T>> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > until) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits for a state of the real world by asking for it: no fixed sleeps, and a clear error when it never comes. */

/** Asks every 50 ms until `ask` gives something truthy; rejects after `timeoutMs` with `what`. */
export async function waitFor<T>(what: string, ask: () => Promise<T> | T, timeoutMs = 60_000): Promise<NonNullable<T>> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > until) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

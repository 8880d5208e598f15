/**
 * Limits how long a promise is waited for. Client, activities and receiver use it. No other file of contract/ starts a
 * timer. Workflows must not use it, because their time is the server's.
 */

/** Settles as `work` does, if that takes at most `ms`. Otherwise it settles with what `late` returns or throws. The
 *  later result of `work` is then ignored. */
export async function inTime<T>(work: Promise<T>, ms: number, late: () => T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeIsUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    return await Promise.race([work, timeIsUp.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}

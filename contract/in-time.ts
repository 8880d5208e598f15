/**
 * A promise against a timer, for client, activities and receiver alike. The one file of contract/ that starts a timer.
 * Workflows must not use it: their time is the server's.
 */

/** Resolves or rejects as `work` does. After `ms` it gives what `late` returns or throws; nobody hears of `work`
 *  then. */
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

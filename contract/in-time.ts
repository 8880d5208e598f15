/**
 * Limits how long a promise is waited for. Client, activities and receiver use it. No other file of contract/ starts a
 * timer. Workflows must not use it, because their time is the server's.
 */

/** Settles as `work` does, if that takes at most `ms`. Otherwise it settles with what `late` returns or throws. The
 *  later result of `work` is then ignored. */
export function inTime<T>(work: Promise<T>, ms: number, late: () => T): Promise<T> {
  // Not Promise.race, which makes four more promises: this runs several times for each webhook.
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, ms);
    const ended =
      <V>(settle: (value: V) => void) =>
      (value: V): void => {
        clearTimeout(timer);
        settle(value);
      };
    work.then(ended(resolve), ended(reject));
  });
}

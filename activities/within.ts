/** A time limit for calls of the host's ports: a port may hang, an attempt must not. */
import { inTime } from '../contract/in-time.ts';

/** Thrown by `within` when the time limit has passed. */
export class TimeLimitError extends Error {
  readonly code = 'time_limit';
  readonly safeToLog = true;

  constructor(what: string, ms: number) {
    super(`${what} took longer than ${ms} ms`);
    this.name = 'TimeLimitError';
  }
}

/** Resolves or rejects as `work` does; a synchronous throw rejects, too. After `ms` it rejects with `TimeLimitError`,
 *  which is also the reason with which the signal of `work` aborts. */
export function within<T>(
  what: string,
  ms: number,
  work: (ending: { readonly signal: AbortSignal }) => Promise<T> | T,
): Promise<T> {
  // It makes its signal when that is read, and most callers read none.
  const ending = new AbortController();
  const running = new Promise<T>((resolve) => resolve(work(ending)));
  return inTime(running, ms, () => {
    // Made only now: an error costs a stack, and this runs several times for each webhook.
    const timeLimit = new TimeLimitError(what, ms);
    ending.abort(timeLimit);
    throw timeLimit;
  });
}

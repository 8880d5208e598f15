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
export async function within<T>(what: string, ms: number, work: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
  const abort = new AbortController();
  const running = (async () => work(abort.signal))();
  return inTime(running, ms, () => {
    // Made only now: an error costs a stack, and this runs several times for each webhook.
    const timeLimit = new TimeLimitError(what, ms);
    abort.abort(timeLimit);
    throw timeLimit;
  });
}

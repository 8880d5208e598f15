/** A bound on somebody else's promise: a host's port may hang, an attempt may not. */
import { inTime } from '../contract/in-time.ts';

/** Raised by `within` when time is up. */
export class TimeLimitError extends Error {
  readonly code = 'time_limit';

  constructor(what: string, ms: number) {
    super(`${what} took longer than ${ms} ms`);
    this.name = 'TimeLimitError';
  }
}

/** What `work` comes to, or `TimeLimitError` after `ms`; its signal aborts then. Work that throws at once rejects too. */
export async function within<T>(what: string, ms: number, work: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
  const abort = new AbortController();
  const timeLimit = new TimeLimitError(what, ms);
  const running = (async () => work(abort.signal))();
  try {
    return await inTime(running, ms, () => {
      throw timeLimit;
    });
  } catch (error) {
    if (error === timeLimit) abort.abort(timeLimit);
    throw error;
  }
}

/** What may be told of a host's error: its code or class. Messages may hold connection strings, bodies or numbers. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown_error';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return code.slice(0, 60);
}

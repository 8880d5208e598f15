/** A bound on somebody else's promise: a host's port may hang, an attempt may not. */

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
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new TimeLimitError(what, ms);
      reject(error);
      abort.abort(error);
    }, ms);
  });
  try {
    return await Promise.race([(async () => work(abort.signal))(), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** What may be told of a host's error: its code or class. Messages may hold connection strings, bodies or numbers. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown_error';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return code.slice(0, 60);
}

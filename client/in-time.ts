/** Waits at most so long, for one request or for each of many, and says in our words why it failed. */
import type { Client } from '@temporalio/client';
import { clientErrorOf } from './errors.ts';

/** How long one step of a listing may take, ms: a page of the list, and what is asked about its runs. */
const STEP_TIMEOUT_MS = 30_000;

/** Resolves as `work` does, or rejects with `tooLate()` after `ms`; the work goes on unheard then. */
export async function inTime<T>(work: Promise<T>, ms: number, tooLate: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooLate()), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `items`, each asked for under a deadline of its own; failures of the server come as errors of the client. */
export async function* requestEach<T>(client: Client, what: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await client.withDeadline(Date.now() + STEP_TIMEOUT_MS, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    throw clientErrorOf(error, { what, namespace: client.options.namespace, timeoutMs: STEP_TIMEOUT_MS });
  } finally {
    await iterator.return?.();
  }
}

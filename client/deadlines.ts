/** Deadlines for listings, which make many requests: each request gets a deadline of its own. */
import type { Client } from '@temporalio/client';
import { clientErrorOf } from './errors.ts';

/** How long one request of a listing may take, ms. A request is one page of the list, or the details of one run. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Runs `work` with the deadline of one request. */
export function inDeadline<T>(client: Client, work: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + REQUEST_TIMEOUT_MS, work);
}

/** Yields `items`. Getting each item has a deadline of its own, because a list asks the server once per page. */
export async function* eachInDeadline<T>(client: Client, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await inDeadline(client, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Yields `items`. A failure of the server becomes an error of the client. `what` completes "Temporal refused …". */
export async function* inOurWords<T>(client: Client, what: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    const { namespace } = client.options;
    throw clientErrorOf(error, { what, kind: 'read', namespace, timeoutMs: REQUEST_TIMEOUT_MS });
  }
}

/** Waits at most so long, for one request or for each of many, and says in our words why it failed. */
import type { Client } from '@temporalio/client';
import { clientErrorOf } from './errors.ts';

/** How long one request of a listing may take, ms: a page of the list, or a question about one of its runs. */
const REQUEST_TIMEOUT_MS = 30_000;

/** `work` under the deadline of one request. */
export function inDeadline<T>(client: Client, work: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + REQUEST_TIMEOUT_MS, work);
}

/** `items`, each asked for under a deadline of its own: for lists that ask the server once a page. */
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

/** `items`; failures of the server come as errors of the client. */
export async function* inOurWords<T>(client: Client, what: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    const { namespace } = client.options;
    throw clientErrorOf(error, { what, kind: 'read', namespace, timeoutMs: REQUEST_TIMEOUT_MS });
  }
}

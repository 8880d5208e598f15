/** Requests of `status`, whose failures become errors in our words. */
import type { Client } from '@temporalio/client';
import { factsOf } from '../../../client/deadlines.ts';
import { clientErrorOf } from '../../../client/errors.ts';

const REQUEST_TIMEOUT_MS = 10_000;

/** Reads something of one run within 10 s. Rejects with a WebhookClientError when the server fails. */
export function reading<T>(client: Client, workflowId: string, work: () => Promise<T>): Promise<T> {
  return inWords(client, `reading ${workflowId}`, () => client.withDeadline(Date.now() + REQUEST_TIMEOUT_MS, work));
}

/** Does `work`, whose requests have deadlines of their own. `what` completes "Temporal refused …". */
export async function inWords<T>(client: Client, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw clientErrorOf(error, factsOf(client, { what, kind: 'read', timeoutMs: REQUEST_TIMEOUT_MS }));
  }
}

/** Requests of `status`, whose failures become errors in our words. */
import type { Client } from '@temporalio/client';
import { factsOf, REQUEST_TIMEOUT_MS, within } from '../../../client/deadlines.ts';
import { clientErrorOf } from '../../../client/client-error-of.ts';

const ONE_RUN_TIMEOUT_MS = 10_000;

/** Reads something of one run within 10 s. Rejects with a WebhookClientError when the server fails. */
export function reading<T>(client: Client, workflowId: string, work: () => Promise<T>): Promise<T> {
  const inTime = () => within(client, ONE_RUN_TIMEOUT_MS, work);
  return inWords(client, `reading ${workflowId}`, inTime, ONE_RUN_TIMEOUT_MS);
}

/** Does `work`, whose requests have deadlines of their own: `timeoutMs`, by default that of a listing. `what`
 *  completes "Temporal refused …". */
export async function inWords<T>(
  client: Client,
  what: string,
  work: () => Promise<T>,
  timeoutMs = REQUEST_TIMEOUT_MS,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw clientErrorOf(error, factsOf(client, { what, kind: 'read', timeoutMs }));
  }
}

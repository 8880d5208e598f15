/** Deletes single webhooks from the log, for a person who asks to be forgotten. */
import type { Kysely } from 'kysely';
import { cleanText } from '../../contract/clean-record.ts';
import { plainKey } from './bare-record.ts';
import type { Tables } from './schema.ts';

/** Deletes the records of all cycles and runs of these webhooks, by the primary key. Resolves with how many. */
export async function deleteWebhooks(db: Kysely<Tables>, webhookIds: readonly string[]): Promise<number> {
  // An id that could not be stored as it came is found in the form in which it was stored.
  const stored = new Set(webhookIds.flatMap((id) => [cleanText(id), plainKey(id)]));
  const { numDeletedRows } = await db
    .deleteFrom('deliveries')
    .where('webhook_id', 'in', [...stored])
    .executeTakeFirst();
  return Number(numDeletedRows);
}

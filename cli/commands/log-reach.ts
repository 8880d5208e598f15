/** How far back the delivery log reaches: "nothing found" of a time that it does not have says nothing. */
import type { PostgresDeliveryLog } from '../../adapters/index.ts';

/** What to say beside "0 records" of a window from `from`, ISO 8601. Undefined if the log has older records. */
export async function reachNote(
  log: Pick<PostgresDeliveryLog, 'list'>,
  from: string | undefined,
): Promise<string | undefined> {
  if (from === undefined) return undefined;
  const { records } = await log.list({ until: from, limit: 1 });
  if (records.length > 0) return undefined;
  return `note: no record of this log ended before ${from}, so it may not reach back so far (db prune, or a new log)`;
}

/** The queries of the PostgreSQL delivery log. Its tests check which index serves which query. */
import type { Kysely, SelectQueryBuilder, SqlBool } from 'kysely';
import { cleanText } from '../../contract/clean-record.ts';
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';
import { EQUAL_FIELDS } from '../delivery-order.ts';
import type { CheckedFilter } from '../delivery-order.ts';
import { plainKey } from './bare-record.ts';
import type { KyselyModule } from './packages.ts';
import { CHANGING_COLUMNS, insertedReplacesKept, recordOf, recordText, rowOf } from './record.ts';
import type { Tables } from './schema.ts';

type Db = Kysely<Tables>;

const COLUMNS = {
  endpointId: 'endpoint_id',
  callId: 'call_id',
  campaignId: 'campaign_id',
  accountId: 'account_id',
  event: 'event',
} as const;

/** Fields with an index of their own, which also has `ended_at`. */
const LEADING = ['endpointId', 'accountId', 'campaignId'] as const;

/** Inserts the record, or replaces the kept one if the port says so. */
export async function upsert(kysely: KyselyModule, db: Db, record: DeliveryRecord): Promise<void> {
  await db
    .insertInto('deliveries')
    .values(rowOf(record))
    .onConflict((conflict) =>
      conflict
        .columns(['webhook_id', 'cycle', 'run_id'])
        .doUpdateSet((eb) => Object.fromEntries(CHANGING_COLUMNS.map((name) => [name, eb.ref(`excluded.${name}`)])))
        .where(insertedReplacesKept(kysely)),
    )
    .execute();
}

/** The first `filter.limit` matching records, the latest end first. */
export async function selectPage(kysely: KyselyModule, db: Db, filter: CheckedFilter): Promise<DeliveryRecord[]> {
  const lead = LEADING.find((field) => filter[field] !== undefined);
  const found = matching(kysely, db.selectFrom('deliveries'), filter, lead).select(recordText(kysely).as('record'));
  const rows = await (lead === undefined ? found : found.orderBy(COLUMNS[lead], 'desc'))
    .orderBy('ended_at', 'desc')
    .orderBy('webhook_id', 'desc')
    .orderBy('cycle', 'desc')
    .orderBy('run_id', 'desc')
    .limit(filter.limit)
    .execute();
  return rows.map(recordOf);
}

/** The records of all cycles and runs of one webhook, in order. */
export async function selectCycles(kysely: KyselyModule, db: Db, webhookId: string): Promise<DeliveryRecord[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select(recordText(kysely).as('record'))
    // An id that could not be stored as it came is found in the form in which it was stored.
    .where('webhook_id', 'in', [...new Set([cleanText(webhookId), plainKey(webhookId)])])
    .orderBy('cycle')
    .orderBy('ended_at')
    .orderBy('run_id')
    .execute();
  return rows.map(recordOf);
}

/** Counts the records that ended before this time. */
export async function countOlder(db: Db, endedBefore: string): Promise<number> {
  const { old } = await db
    .selectFrom('deliveries')
    .select((eb) => eb.fn.countAll<string>().as('old'))
    .where('ended_at', '<', endedBefore)
    .executeTakeFirstOrThrow();
  return Number(old);
}

/** Deletes up to `batch` of those, the oldest first. Resolves with how many it deleted. */
export async function deleteOlder(db: Db, endedBefore: string, batch: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('deliveries')
    .where((eb) =>
      eb(
        eb.refTuple('webhook_id', 'cycle', 'run_id'),
        'in',
        eb
          .selectFrom('deliveries')
          .select(['webhook_id', 'cycle', 'run_id'])
          .where('ended_at', '<', endedBefore)
          .orderBy('ended_at')
          .limit(batch)
          // Two prunes at the same time share the work instead of waiting for each other.
          .forUpdate()
          .skipLocked()
          .$asTuple('webhook_id', 'cycle', 'run_id'),
      ),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** `lead`: the field whose index must serve the query. The planner believes that an account's rows are spread over all
 *  times. For one that was busy long ago it would read the whole index of ends, from the latest on. An order that
 *  begins with the field leaves it no choice. `= any` says the same as `=`, but keeps the field in the order. */
function matching<O>(
  { sql }: KyselyModule,
  query: SelectQueryBuilder<Tables, 'deliveries', O>,
  { after, states, reasons, since, until, startedSince, startedUntil, ...filter }: CheckedFilter,
  lead: (typeof LEADING)[number] | undefined,
): SelectQueryBuilder<Tables, 'deliveries', O> {
  let narrowed = query;
  // `in` knows no empty list.
  if (states?.length === 0) narrowed = narrowed.where(sql<SqlBool>`false`);
  else if (states !== undefined) narrowed = narrowed.where('state', 'in', states);
  if (reasons !== undefined) {
    narrowed = narrowed.where(sql<SqlBool>`reason = any(${reasons.map((reason) => cleanText(reason))}::text[])`);
  }
  for (const field of EQUAL_FIELDS) {
    const value = filter[field];
    if (value === undefined) continue;
    const isLead = field === lead;
    narrowed = isLead
      ? narrowed.where(sql<SqlBool>`${sql.ref(COLUMNS[field])} = any(${[cleanText(value)]}::text[])`)
      : narrowed.where(COLUMNS[field], '=', cleanText(value));
  }
  if (since !== undefined) narrowed = narrowed.where('ended_at', '>=', since);
  if (until !== undefined) narrowed = narrowed.where('ended_at', '<', until);
  if (startedSince !== undefined) narrowed = narrowed.where('started_at', '>=', startedSince);
  if (startedUntil !== undefined) narrowed = narrowed.where('started_at', '<', startedUntil);
  if (after === undefined) return narrowed;
  return narrowed.where((eb) =>
    eb(
      eb.refTuple('ended_at', 'webhook_id', 'cycle', 'run_id'),
      '<',
      eb.tuple(after.endedAt, after.webhookId, after.cycle, after.runId),
    ),
  );
}

/** What an outage of the log cost, by the times at which PostgreSQL took the records. */
import type { Kysely } from 'kysely';
import { given } from '../../contract/given.ts';
import type { KyselyModule } from './packages.ts';
import { isoText } from './record.ts';
import type { Tables } from './schema.ts';

/** Deliveries whose record came more than a minute after their end. Times are ISO 8601 UTC. */
export type RecordedLate = {
  readonly deliveries: number;
  /** When the first of them ended; absent if there is none. */
  readonly firstEndedAt?: string;
  /** When the last of them was recorded. */
  readonly lastRecordedAt?: string;
  /** The longest time from an end to its record, ms. */
  readonly maxMs?: number;
};

/** Counts those that ended since `since` (ISO 8601). Not counted: terminated runs, whose records reconcile writes, and
 *  rows from before this column existed. */
export async function selectRecordedLate(
  kysely: KyselyModule,
  db: Kysely<Tables>,
  schema: string,
  since: string,
): Promise<RecordedLate> {
  const { sql } = kysely;
  // The server makes the JSON, because a host may have changed how `pg` parses numbers.
  const { rows } = await sql<{ readonly numbers: string }>`select json_build_object('deliveries', count(*),
      'firstEndedAt', ${isoText(kysely, sql`min(ended_at)`)}, 'lastRecordedAt', ${isoText(kysely, sql`max(recorded_at)`)},
      'maxMs', round(extract(epoch from max(recorded_at - ended_at)) * 1000))::text as numbers
    from ${sql.id(schema, 'deliveries')}
    where ended_at >= ${since} and recorded_at > ended_at + interval '1 minute' and state <> 'terminated'`.execute(db);
  const [row] = rows;
  const numbers = JSON.parse(row?.numbers ?? '{"deliveries":0}') as Record<keyof RecordedLate, never>;
  const { deliveries, firstEndedAt, lastRecordedAt, maxMs } = numbers;
  return {
    deliveries,
    ...given({
      firstEndedAt: firstEndedAt ?? undefined,
      lastRecordedAt: lastRecordedAt ?? undefined,
      maxMs: maxMs ?? undefined,
    }),
  };
}

/** What an outage of the log cost, by the times at which PostgreSQL took the records. */
import type { Kysely } from 'kysely';
import { given } from '../../contract/given.ts';
import type { KyselyModule } from './packages.ts';
import { isoText } from './record.ts';
import type { Tables } from './schema.ts';

/** A record that comes later than this after its delivery's end is late, ms. An attempt gives the log 2 s, and the
 *  activity after it records at once. So 10 s finds an outage of 20 s, and no busy worker. */
export const LATE_BY_MS = 10_000;

/** Deliveries whose record came late. Times are ISO 8601 UTC. */
export type RecordedLate = {
  readonly lateByMs: number;
  readonly deliveries: number;
  /** When the first of them ended; absent if there is none. */
  readonly firstEndedAt?: string;
  /** When the log took one of them again for the first time. An outage without a pause was over then. */
  readonly firstRecordedAt?: string;
  /** When the last of them was recorded. */
  readonly lastRecordedAt?: string;
  /** The longest time from an end to its record, ms. */
  readonly maxMs?: number;
  /** The times in which records were late, the latest first, at most 20. */
  readonly spans: readonly LateSpan[];
};

/** One time in which records came late: each delivery in it ended before an earlier one was recorded. */
export type LateSpan = {
  readonly deliveries: number;
  readonly firstEndedAt: string;
  readonly firstRecordedAt: string;
  readonly lastRecordedAt: string;
  readonly maxMs: number;
};

const MAX_SPANS = 20;

/** Counts those that ended since `since` (ISO 8601). Not counted: terminated runs, whose records reconcile writes, and
 *  rows from before this column existed. */
export async function selectRecordedLate(
  kysely: KyselyModule,
  db: Kysely<Tables>,
  schema: string,
  { since, lateByMs }: { readonly since: string; readonly lateByMs: number },
): Promise<RecordedLate> {
  const { sql } = kysely;
  const numbers = sql`json_build_object('deliveries', count(*), 'firstEndedAt', ${isoText(kysely, sql`min(ended_at)`)},
      'firstRecordedAt', ${isoText(kysely, sql`min(recorded_at)`)},
      'lastRecordedAt', ${isoText(kysely, sql`max(recorded_at)`)},
      'maxMs', round(extract(epoch from max(recorded_at - ended_at)) * 1000))`;
  // The server makes the JSON, because a host may have changed how `pg` parses numbers.
  const { rows } = await sql<{ readonly found: string }>`with late as (
      select ended_at, recorded_at, max(recorded_at) over before as before_at
      from ${sql.id(schema, 'deliveries')}
      where ended_at >= ${since} and recorded_at > ended_at + ${`${lateByMs} milliseconds`}::interval
        and state <> 'terminated'
      window before as (order by ended_at, recorded_at rows between unbounded preceding and 1 preceding)
    ), numbered as (
      select ended_at, recorded_at, count(*) filter (where before_at is null or ended_at > before_at)
        over (order by ended_at, recorded_at rows unbounded preceding) as number
      from late
    ), spans as (
      select number, ${numbers} as span from numbered group by number order by number desc limit ${MAX_SPANS}
    )
    select json_build_object('all', (select ${numbers} from late),
      'spans', (select coalesce(json_agg(span order by number desc), '[]') from spans))::text as found`.execute(db);
  const [row] = rows;
  const { all, spans } = JSON.parse(row?.found ?? '{"all":{"deliveries":0},"spans":[]}') as Found;
  const { deliveries, firstEndedAt, firstRecordedAt, lastRecordedAt, maxMs } = all;
  return {
    lateByMs,
    deliveries,
    ...given({
      firstEndedAt: firstEndedAt ?? undefined,
      firstRecordedAt: firstRecordedAt ?? undefined,
      lastRecordedAt: lastRecordedAt ?? undefined,
      maxMs: maxMs ?? undefined,
    }),
    spans,
  };
}

type Found = {
  readonly all: { readonly deliveries: number } & { readonly [Key in keyof LateSpan]?: LateSpan[Key] | null };
  readonly spans: readonly LateSpan[];
};

/** Numbers of the log by account, endpoint, hour or reason, counted by PostgreSQL. The same as `groupsOf` in memory. */
import type { Kysely, RawBuilder } from 'kysely';
import type { DeliveryGroup } from '../../activities/ports/delivery-log.ts';
import { cleanText } from '../../contract/clean-record.ts';
import { FINAL_STATES, type Attempt } from '../../contract/delivery-state.ts';
import { given } from '../../contract/given.ts';
import type { CheckedStatsQuery } from '../delivery-groups.ts';
import type { KyselyModule } from './packages.ts';
import { isoText } from './record.ts';
import type { Tables } from './schema.ts';

/** Attempts that may have reached a receiver. */
const SENT = '$[*] ? (!(@.outcome == "refused" || @.outcome == "not_sent"))';

type Row = { readonly numbers: string };

/** What the server answers for one group. */
type Numbers = Omit<DeliveryGroup, 'key' | 'accountId' | 'lateness' | 'lastEnd' | 'lastDeliveredAt'> & {
  readonly key: string | null;
  readonly accountId: string | null;
  readonly late: { readonly deliveries: number; readonly percentiles: readonly number[] | null };
  readonly lastDeliveredAt: string | null;
  readonly lastEnd: readonly string[] | null;
};

/** The first `limit` groups. */
export async function selectGroups(
  kysely: KyselyModule,
  db: Kysely<Tables>,
  schema: string,
  query: CheckedStatsQuery,
): Promise<DeliveryGroup[]> {
  const { rows } = await groupsSql(kysely, schema, query).execute(db);
  return rows.map(({ numbers }) => groupOf(JSON.parse(numbers) as Numbers));
}

function groupsSql(kysely: KyselyModule, schema: string, query: CheckedStatsQuery): RawBuilder<Row> {
  const { sql } = kysely;
  const iso = (time: RawBuilder<unknown>) => isoText(kysely, time);
  const hour = iso(sql`date_trunc('hour', ended_at, 'UTC')`);
  const key = {
    account: sql`account_id`,
    endpoint: sql`endpoint_id`,
    hour,
    'hour,account': hour,
    reason: sql`case when state <> 'delivered' then coalesce(reason, state) end`,
    all: sql`null::text`,
  }[query.by ?? 'all'];
  const onlyEndpoint = sql`case when count(distinct endpoint_id) = 1 then max(endpoint_id) end`;
  const byKey = sql`key collate "C"`;
  const isHourly = query.by?.startsWith('hour') === true;
  const order = isHourly
    ? sql`${byKey} desc, account_id collate "C" nulls last`
    : sql`deliveries - delivered desc, deliveries desc, ${byKey}`;
  const counts = FINAL_STATES.map((state) => sql`count(*) filter (where state = ${sql.lit(state)})`);
  const states = counts.map((count, at) => sql`${sql.lit(FINAL_STATES[at])}, nullif(${count}, 0)`);
  // The server makes the JSON, because a host may have changed how `pg` parses numbers. An array of texts finds the
  // latest end in one pass: arrays are compared from their first element on.
  return sql<Row>`select json_strip_nulls(json_build_object('key', key, 'deliveries', deliveries,
      'redeliveries', redeliveries, 'states', states, 'attempts', attempts, 'endpoints', endpoints,
      'webhooks', webhooks, 'endpointId', endpoint_id, 'accounts', accounts, 'accountId', account_id, 'late', late,
      'lastDeliveredAt', last_delivered_at, 'lastEnd', last_end))::text as numbers
    from (select ${key} as key, count(*) as deliveries, count(*) filter (where state = 'delivered') as delivered,
        count(*) filter (where cycle > 1) as redeliveries, count(distinct endpoint_id) as endpoints,
        json_build_object(${sql.join(states)}) as states,
        sum(jsonb_array_length(jsonb_path_query_array(attempts, ${sql.lit(SENT)}::jsonpath))) as attempts,
        count(distinct account_id) as accounts,
        ${query.by === 'reason' ? sql`count(distinct webhook_id)` : sql`null::bigint`} as webhooks,
        ${query.by === 'reason' ? onlyEndpoint : sql`null::text`} as endpoint_id,
        case when count(distinct account_id) = 1 then max(account_id) end as account_id,
        json_build_object('deliveries', count(late_ms), 'percentiles',
          percentile_disc(array[0.5, 0.99, 1]) within group (order by late_ms)) as late,
        ${iso(sql`max(ended_at) filter (where state = 'delivered')`)} as last_delivered_at,
        max(array[coalesce(attempts -> -1 ->> 'startedAt', ${iso(sql`ended_at`)}), ${iso(sql`ended_at`)},
          webhook_id, lpad(cycle::text, 10, '0'), run_id, host, state,
          coalesce(attempts -> -1 ->> 'code', reason, ''), coalesce(attempts -> -1 ->> 'startedAt', ''),
          coalesce(attempts -> -1 ->> 'durationMs', ''), coalesce(attempts -> -1 ->> 'outcome', '')] collate "C")
          filter (where jsonb_array_length(attempts) > 0 or state = 'refused') as last_end
      from (select *, case when row_number() over (partition by webhook_id, cycle order by lateness_ms is null,
          (attempts -> 0 ->> 'startedAt') collate "C", run_id collate "C") = 1 then lateness_ms end as late_ms
        from ${sql.id(schema, 'deliveries')} where ${conditions(kysely, query)}) as found
      group by 1, ${query.by === 'hour,account' ? sql`account_id` : sql`()`}) as groups
    order by ${order} limit ${query.limit}`;
}

function conditions({ sql }: KyselyModule, query: CheckedStatsQuery): RawBuilder<unknown> {
  const { accountId, endpointId, since, until } = query;
  const all = [
    ...(accountId === undefined ? [] : [sql`account_id = ${cleanText(accountId)}`]),
    ...(endpointId === undefined ? [] : [sql`endpoint_id = ${cleanText(endpointId)}`]),
    ...(since === undefined ? [] : [sql`ended_at >= ${since}`]),
    ...(until === undefined ? [] : [sql`ended_at < ${until}`]),
  ];
  return all.length === 0 ? sql`true` : sql.join(all, sql` and `);
}

function groupOf({ key, accountId, late, lastDeliveredAt, lastEnd, ...numbers }: Numbers): DeliveryGroup {
  const [p50Ms = 0, p99Ms = 0, maxMs = 0] = late.percentiles ?? [];
  const [, at = '', , , , host = '', state = '', code = '', startedAt = '', ms = '', outcome = ''] = lastEnd ?? [];
  const end = { at, host, state: state as DeliveryGroup['lastEnd'] extends { state: infer S } | undefined ? S : never };
  const attempt = { startedAt, durationMs: Number(ms), outcome: outcome as Attempt['outcome'] };
  return {
    ...numbers,
    ...given({
      key: key ?? undefined,
      accountId: accountId ?? undefined,
      lateness: late.deliveries === 0 ? undefined : { deliveries: late.deliveries, p50Ms, p99Ms, maxMs },
      lastDeliveredAt: lastDeliveredAt ?? undefined,
      lastEnd:
        lastEnd === null || lastEnd === undefined
          ? undefined
          : { ...end, ...(code === '' ? {} : { code }), ...(outcome === '' ? {} : { attempt }) },
    }),
  };
}

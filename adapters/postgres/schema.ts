/**
 * The log's table, one migration per change. The migrations are SQL text, not built, because people read them: a DBA
 * before they run (`topcalls-webhooks db plan`), we when a query is slow. A released migration is never changed.
 */
import type { RawBuilder } from 'kysely';
import { oneLine } from '../../contract/shown-text.ts';
import { PostgresDeliveryLogError } from './error.ts';
import type { KyselyModule } from './packages.ts';

/** Default PostgreSQL schema. It holds everything of the log, so `drop schema … cascade` removes all of it. */
export const DEFAULT_SCHEMA = 'topcalls_webhooks';

/** PostgreSQL cuts longer names without a word, so two of them could mean one schema. */
const MAX_NAME_BYTES = 63;

/** The schema's name, or the default. Throws PostgresDeliveryLogError `postgres_configuration` for what is no name. */
export function checkedSchema(schema: string = DEFAULT_SCHEMA): string {
  const isText = typeof schema === 'string';
  if (isText && schema !== '' && Buffer.byteLength(schema) <= MAX_NAME_BYTES && !schema.includes('\0')) return schema;
  const came = isText ? JSON.stringify(schema.slice(0, MAX_NAME_BYTES)) : typeof schema;
  const allowed = `a name of 1 to ${MAX_NAME_BYTES} bytes, or nothing for ${DEFAULT_SCHEMA}`;
  const problem = `schema is ${oneLine(came)}; allowed is ${allowed}`;
  throw new PostgresDeliveryLogError('postgres_configuration', { problem });
}

/** The table. Times are written as strings; `recordText` of `record.ts` reads them. */
export type Tables = { deliveries: DeliveryRow };

/** One final state. The columns are the fields of DeliveryRecord. */
export type DeliveryRow = {
  webhook_id: string;
  cycle: number;
  endpoint_id: string;
  host: string;
  workflow_id: string;
  run_id: string;
  event: string;
  call_id: string | null;
  campaign_id: string | null;
  account_id: string | null;
  state: string;
  reason: string | null;
  /** JSON text. */
  attempts: string;
  body_bytes: number | null;
  body_sha256: string | null;
  started_at: string;
  ended_at: string;
  promised_at: string | null;
  /** `latenessMs` of the record, so that the server can compute percentiles. */
  lateness_ms: number | null;
  cancel_reason: string | null;
  cancelled_by: string | null;
  terminate_reason: string | null;
  terminated_by: string | null;
  repaired: string[] | null;
};

/** What a DBA reads about the table. */
const TABLE_COMMENT =
  'Final states of webhooks, one row per webhook, redelivery cycle and run; written by @topcalls/webhooks';

/** The statements of all migrations, by name. They run in the order of their names. */
export function migrationsFor(
  { sql }: KyselyModule,
  schema: string,
): Readonly<Record<string, readonly RawBuilder<unknown>[]>> {
  const deliveries = sql.id(schema, 'deliveries');
  return {
    '0001_deliveries': [
      sql`create table ${deliveries} (
  webhook_id  text        not null,
  cycle       integer     not null check (cycle >= 1),
  endpoint_id text        not null,
  host        text        not null,
  workflow_id text        not null,
  run_id      text        not null,
  event       text        not null,
  call_id     text,
  campaign_id text,
  account_id  text,
  state       text        not null,
  reason      text,
  attempts    jsonb       not null,
  body_bytes  integer,
  body_sha256 text,
  started_at  timestamptz(3) not null,
  ended_at    timestamptz(3) not null,
  primary key (webhook_id, cycle)
)`,
      sql`comment on table ${deliveries} is 'Final states of webhooks, one row per webhook and redelivery cycle; written by @topcalls/webhooks'`,
      // For an operator's two questions: what failed since yesterday, and what happened to this endpoint?
      sql`create index deliveries_by_state on ${deliveries} (state, ended_at)`,
      sql`create index deliveries_by_endpoint on ${deliveries} (endpoint_id, ended_at)`,
      sql`create index deliveries_by_campaign on ${deliveries} (campaign_id, ended_at) where campaign_id is not null`,
      sql`create index deliveries_by_call on ${deliveries} (call_id) where call_id is not null`,
      // For lists without a filter, and for prune.
      sql`create index deliveries_by_end on ${deliveries} (ended_at)`,
    ],
    // A run that was reset in the Web UI ends again, in the same cycle. Its record must not overwrite the first one's.
    '0002_run_in_key': [
      sql`alter table ${deliveries} drop constraint deliveries_pkey`,
      sql`alter table ${deliveries} add primary key (webhook_id, cycle, run_id)`,
      sql`comment on table ${deliveries} is ${sql.lit(TABLE_COMMENT)}`,
    ],
    // Who ended a delivery, and which fields could not be stored as they came. Nullable, so no row is rewritten, and
    // workers of the version before go on writing.
    '0003_who_asked': [
      sql`alter table ${deliveries}
  add column cancel_reason    text,
  add column cancelled_by     text,
  add column terminate_reason text,
  add column terminated_by    text,
  add column repaired         text[]`,
    ],
    // For reports: what happened to this account, and how late was it? Nullable again, for the same reasons.
    // The index comes first: while it is built, reads go on. After the alter they would wait for it. "if not exists": a
    // DBA may have built it before, so that records go on, too.
    '0004_reports': [
      sql`create index if not exists deliveries_by_account on ${deliveries} (account_id, ended_at)
  where account_id is not null`,
      sql`alter table ${deliveries}
  add column promised_at timestamptz(3),
  add column lateness_ms bigint`,
    ],
    // For one question: what did an outage of the log cost? The server fills it in, so no worker has to know it. The
    // rows of before get no time: the default comes in a statement of its own.
    '0005_recorded_at': [
      sql`alter table ${deliveries} add column recorded_at timestamptz(3)`,
      sql`alter table ${deliveries} alter column recorded_at set default now()`,
    ],
  };
}

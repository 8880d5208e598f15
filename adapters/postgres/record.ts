/** Turns a delivery record into a row, and back. */
import type { RawBuilder, SqlBool } from 'kysely';
import { latenessMs } from '../../contract/lateness.ts';
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';
import type { KyselyModule } from './packages.ts';
import type { DeliveryRow } from './schema.ts';

/** The row for this record. */
export function rowOf(record: DeliveryRecord): DeliveryRow {
  return {
    webhook_id: record.webhookId,
    cycle: record.cycle,
    endpoint_id: record.endpointId,
    host: record.host,
    workflow_id: record.workflowId,
    run_id: record.runId,
    event: record.event,
    call_id: record.callId ?? null,
    campaign_id: record.campaignId ?? null,
    account_id: record.accountId ?? null,
    state: record.state,
    reason: record.reason ?? null,
    attempts: JSON.stringify(record.attempts),
    body_bytes: record.bodyBytes ?? null,
    body_sha256: record.bodySha256 ?? null,
    started_at: record.startedAt,
    ended_at: record.endedAt,
    promised_at: record.promisedAt ?? null,
    lateness_ms: latenessMs(record) ?? null,
    cancel_reason: record.cancelReason ?? null,
    cancelled_by: record.cancelledBy ?? null,
    terminate_reason: record.terminateReason ?? null,
    terminated_by: record.terminatedBy ?? null,
    repaired: record.repaired === undefined ? null : [...record.repaired],
  };
}

/** The columns that a replacing record overwrites: all but the key. */
export const CHANGING_COLUMNS = [
  'endpoint_id',
  'host',
  'workflow_id',
  'event',
  'call_id',
  'campaign_id',
  'account_id',
  'state',
  'reason',
  'attempts',
  'body_bytes',
  'body_sha256',
  'started_at',
  'ended_at',
  'promised_at',
  'lateness_ms',
  'cancel_reason',
  'cancelled_by',
  'terminate_reason',
  'terminated_by',
  'repaired',
] as const satisfies readonly (keyof DeliveryRow)[];

/** `replaces` of `delivery-order.ts` in SQL: whether the inserted row replaces the kept one. */
export function insertedReplacesKept({ sql }: KyselyModule): RawBuilder<SqlBool> {
  return sql<SqlBool>`(excluded.state <> 'terminated' or deliveries.state = 'terminated')
    and (jsonb_array_length(excluded.attempts), excluded.ended_at)
      > (jsonb_array_length(deliveries.attempts), deliveries.ended_at)`;
}

/** A time as ISO 8601 text in UTC, with milliseconds, whatever the session's time zone and date style. */
export function isoText({ sql }: KyselyModule, time: RawBuilder<unknown>): RawBuilder<string> {
  return sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/**
 * The row as one JSON text in the shape of DeliveryRecord. The server makes it, because a host may have changed how
 * `pg` parses times, numbers or JSON, for the whole process.
 */
export function recordText(kysely: KyselyModule): RawBuilder<string> {
  const { sql } = kysely;
  const iso = (column: 'started_at' | 'ended_at' | 'promised_at') => isoText(kysely, sql.ref(column));
  return sql`json_strip_nulls(json_build_object(
    'webhookId', webhook_id, 'cycle', cycle, 'endpointId', endpoint_id, 'host', host, 'workflowId', workflow_id,
    'runId', run_id, 'event', event, 'callId', call_id, 'campaignId', campaign_id, 'accountId', account_id,
    'state', state, 'reason', reason, 'attempts', attempts, 'bodyBytes', body_bytes, 'bodySha256', body_sha256,
    'cancelReason', cancel_reason, 'cancelledBy', cancelled_by, 'terminateReason', terminate_reason,
    'terminatedBy', terminated_by, 'repaired', repaired,
    'startedAt', ${iso('started_at')}, 'endedAt', ${iso('ended_at')}, 'promisedAt', ${iso('promised_at')}))::text`;
}

/** Parses such a text. Its shape is not checked again: only DeliveryRecords are stored in the table. */
export function recordOf({ record }: { readonly record: string }): DeliveryRecord {
  return JSON.parse(record) as DeliveryRecord;
}

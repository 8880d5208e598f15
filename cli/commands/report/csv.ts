/** A report as CSV: one line per attempt, for spreadsheets. Pure. */
import { oneLine } from '../../../contract/shown-text.ts';
import type { ReportDelivery } from './delivery.ts';

const HEAD = [
  'webhook_id',
  'cycle',
  'event',
  'call_id',
  'campaign_id',
  'account_id',
  'endpoint_id',
  'host',
  'state',
  'reason',
  'started_at',
  'promised_at',
  'ended_at',
  'late_ms',
  'next_attempt_at',
  'attempt',
  'attempt_trigger',
  'attempt_started_at',
  'attempt_duration_ms',
  'attempt_outcome',
  'attempt_status',
  'attempt_code',
] as const;

type Cell = string | number | undefined;

/** The lines, with a head. A delivery without an attempt has one line, whose attempt is empty. */
export function csvOf(deliveries: readonly ReportDelivery[]): string {
  const lines = deliveries.flatMap((delivery) => {
    const { webhookId, cycle, event, callId, campaignId, accountId, endpointId, host, state, reason } = delivery;
    const { startedAt, promisedAt, endedAt, lateMs, nextAttemptAt, attempts } = delivery;
    const own: Cell[] = [webhookId, cycle, event, callId, campaignId, accountId, endpointId, host, state, reason];
    own.push(startedAt, promisedAt, endedAt, lateMs, nextAttemptAt);
    const none: Cell[] = Array.from({ length: HEAD.length - own.length });
    if (attempts.length === 0) return [[...own, ...none]];
    return attempts.map(({ number, trigger, startedAt: at, durationMs, outcome, status, code }): Cell[] => {
      // No duration is known of an attempt that never reported.
      const took = outcome === 'unknown' ? undefined : durationMs;
      const attempt = [number, trigger, at, took, outcome, status, code];
      return [...own, ...attempt];
    });
  });
  return [HEAD.join(','), ...lines.map((cells) => cells.map(cellOf).join(','))].join('\n');
}

/** What a spreadsheet takes for the beginning of a formula. Some read full-width forms, too. */
const FORMULA = /^[\s'"]*[=+\-@\t\r＝＋－＠]/u;

/** One cell. A text that a spreadsheet would compute gets an apostrophe before it, which makes it text. */
export function cellOf(value: Cell): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  // Asked of the text as it came: a tab or line break at its start is an escape afterwards.
  const text = `${FORMULA.test(value) ? "'" : ''}${oneLine(value)}`;
  return /[",;'\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A delivery in a report, and the numbers of many. No reason or identity of an operator, no URL: a report goes to
 *  customers. Pure. */
import { firstRunsOf, isSent, percentile } from '../../../adapters/delivery-groups.ts';
import type { LiveState } from '../../../contract/delivery-state.ts';
import { isFinal } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';
import { latenessMs } from '../../../contract/lateness.ts';
import type { DeliveryRecord } from '../../../contract/schemas/delivery-record.ts';

const KEPT = [
  'webhookId',
  'cycle',
  'event',
  'callId',
  'campaignId',
  'accountId',
  'endpointId',
  'host',
  'reason',
  'startedAt',
  'promisedAt',
  'endedAt',
  'attempts',
] as const;

/** One delivery, ended or running. Times are ISO 8601. */
export type ReportDelivery = Omit<Pick<DeliveryRecord, (typeof KEPT)[number]>, 'endedAt'> & {
  readonly state: LiveState;
  /** Absent while it runs, and where only the run tells of it. */
  readonly endedAt?: string;
  readonly nextAttemptAt?: string;
  /** How late the first attempt was. */
  readonly lateMs?: number;
};

/** The delivery of a record, or of a run that was read. */
export function reportDelivery(
  found: Omit<DeliveryRecord, 'state' | 'endedAt' | 'runId' | 'workflowId'> & {
    readonly state: LiveState;
    readonly endedAt?: string;
    readonly nextAttemptAt?: string;
  },
): ReportDelivery {
  const kept = given(Object.fromEntries(KEPT.map((name) => [name, found[name]])));
  const { state, nextAttemptAt } = found;
  return { ...(kept as ReportDelivery), state, ...given({ nextAttemptAt, lateMs: latenessMs(found) }) };
}

/** Numbers of a report. */
export type ReportTotals = {
  readonly deliveries: number;
  readonly running: number;
  readonly states: Readonly<Partial<Record<LiveState, number>>>;
  /** Those that were sent: what our rules refused made none. */
  readonly attempts: number;
  /** Delivered ones of those that have ended; absent if none has. */
  readonly deliveredShare?: number;
  readonly lateness?: {
    readonly deliveries: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly maxMs: number;
  };
};

/** The numbers of these deliveries. */
export function totalsOf(deliveries: readonly ReportDelivery[]): ReportTotals {
  const states: Partial<Record<LiveState, number>> = {};
  for (const { state } of deliveries) states[state] = (states[state] ?? 0) + 1;
  const ended = deliveries.filter(({ state }) => isFinal(state)).length;
  const late = [...firstRunsOf(deliveries)].flatMap(({ lateMs }) => lateMs ?? []).toSorted((a, b) => a - b);
  const lateness = {
    deliveries: late.length,
    p50Ms: percentile(late, 0.5),
    p99Ms: percentile(late, 0.99),
    maxMs: late.at(-1) ?? 0,
  };
  return {
    deliveries: deliveries.length,
    running: deliveries.length - ended,
    states,
    attempts: deliveries.reduce((sum, { attempts }) => sum + attempts.filter(isSent).length, 0),
    ...given({
      deliveredShare: ended === 0 ? undefined : (states.delivered ?? 0) / ended,
      lateness: late.length === 0 ? undefined : lateness,
    }),
  };
}

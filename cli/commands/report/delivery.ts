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
  /** Whether a run that was reset made it again. */
  readonly afterReset?: true;
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
  return {
    ...(kept as Omit<ReportDelivery, 'afterReset'>),
    state,
    ...given({ nextAttemptAt, lateMs: latenessMs(found) }),
  };
}

/** Numbers of a report. */
export type ReportTotals = {
  readonly deliveries: number;
  readonly running: number;
  readonly states: Readonly<Partial<Record<LiveState, number>>>;
  /** What became of each webhook. Absent if not all its deliveries are listed. */
  readonly webhooks?: WebhookTotals;
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

/** A webhook that was redelivered, or whose run was reset, has several deliveries, and counts once: as delivered if one
 *  of them was, else by its latest. */
export type WebhookTotals = {
  readonly count: number;
  readonly running: number;
  readonly states: Readonly<Partial<Record<LiveState, number>>>;
};

/** The numbers of these deliveries. */
export function totalsOf(deliveries: readonly ReportDelivery[]): ReportTotals {
  const states = countsOf(deliveries.map(({ state }) => state));
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
    webhooks: webhooksOf(deliveries),
    attempts: deliveries.reduce((sum, { attempts }) => sum + attempts.filter(isSent).length, 0),
    ...given({
      deliveredShare: ended === 0 ? undefined : (states.delivered ?? 0) / ended,
      lateness: late.length === 0 ? undefined : lateness,
    }),
  };
}

/** The same deliveries, and which of them a copy of a run made again: somebody reset a run of their cycle. */
export function withResets(deliveries: readonly ReportDelivery[]): readonly ReportDelivery[] {
  const first = new Map<string, ReportDelivery>();
  const keyOf = ({ webhookId, cycle }: ReportDelivery): string => `${cycle} ${webhookId}`;
  for (const delivery of deliveries) {
    const kept = first.get(keyOf(delivery));
    if (kept === undefined || compareAge(delivery, kept) < 0) first.set(keyOf(delivery), delivery);
  }
  return deliveries.map((each) => (first.get(keyOf(each)) === each ? each : { ...each, afterReset: true }));
}

/** Why there is more than one delivery of this webhook: `redelivery, cycle 2`. Empty if it is the first one. */
export function repeatInWords({ cycle, afterReset }: ReportDelivery): readonly string[] {
  return [
    ...(cycle > 1 ? [`redelivery, cycle ${cycle}`] : []),
    ...(afterReset === true ? ['made again, because its run was reset'] : []),
  ];
}

function webhooksOf(deliveries: readonly ReportDelivery[]): WebhookTotals {
  const byWebhook = new Map<string, ReportDelivery>();
  for (const delivery of deliveries.toSorted(compareAge)) {
    if (byWebhook.get(delivery.webhookId)?.state !== 'delivered') byWebhook.set(delivery.webhookId, delivery);
  }
  const states = [...byWebhook.values()].map(({ state }) => state);
  return { count: states.length, running: states.filter((state) => !isFinal(state)).length, states: countsOf(states) };
}

/** By cycle, then by end. What runs is the latest. */
function compareAge(a: ReportDelivery, b: ReportDelivery): number {
  if (a.cycle !== b.cycle) return a.cycle - b.cycle;
  if (a.endedAt === b.endedAt) return 0;
  return b.endedAt === undefined || (a.endedAt !== undefined && a.endedAt < b.endedAt) ? -1 : 1;
}

function countsOf(states: readonly LiveState[]): Partial<Record<LiveState, number>> {
  const counts: Partial<Record<LiveState, number>> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** Numbers of ended deliveries by account, endpoint, hour or reason, for logs that hold their records in memory.
 *  Pure. */
import type { DeliveryGroup, DeliveryStats, DeliveryStatsQuery } from '../activities/ports/delivery-log.ts';
import type { Attempt } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { latenessMs } from '../contract/lateness.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { checkText, checkTime, checkWhole, compareLatestFirst, refuseUnknown, shownName } from './delivery-order.ts';

/** A checked query. Times are ISO 8601 UTC with milliseconds. */
export type CheckedStatsQuery = DeliveryStatsQuery & { readonly limit: number };

const KINDS: ReadonlySet<unknown> = new Set(['account', 'endpoint', 'hour', 'hour,account', 'reason', undefined]);
const FIELDS = ['by', 'accountId', 'endpointId', 'since', 'until', 'limit'];
const IDS = ['accountId', 'endpointId'] as const;
const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;

/** Checks a query and fills in its defaults. Throws RangeError. */
export function checkStatsQuery(query: DeliveryStatsQuery): CheckedStatsQuery {
  refuseUnknown('the query', query, FIELDS);
  for (const name of IDS) if (query[name] !== undefined) checkText(name, query[name]);
  const { by, since, until, limit = DEFAULT_LIMIT } = query;
  if (!KINDS.has(by))
    throw new RangeError(`by is ${shownName(String(by))}; allowed are account, endpoint, hour, 'hour,account', reason`);
  return {
    ...query,
    ...given({
      since: since === undefined ? undefined : checkTime('since', since),
      until: until === undefined ? undefined : checkTime('until', until),
    }),
    limit: checkWhole('limit', limit, MAX_LIMIT),
  };
}

/** The groups of those records that match. Rejects nothing: `query` is checked. */
export function groupsOf(records: readonly DeliveryRecord[], query: CheckedStatsQuery): DeliveryStats {
  const { by, accountId, endpointId, since, until, limit } = query;
  const members = new Map<string, { readonly key: string | undefined; readonly group: DeliveryRecord[] }>();
  for (const record of records) {
    if (accountId !== undefined && record.accountId !== accountId) continue;
    if (endpointId !== undefined && record.endpointId !== endpointId) continue;
    if ((since !== undefined && record.endedAt < since) || (until !== undefined && record.endedAt >= until)) continue;
    const key = KEY_OF[by ?? 'all'](record);
    const place = JSON.stringify([key, by === 'hour,account' ? record.accountId : undefined]);
    const member = members.get(place);
    if (member === undefined) members.set(place, { key, group: [record] });
    else member.group.push(record);
  }
  const all = [...members.values()];
  const first = firstRunsOf(all.flatMap(({ group }) => group));
  const groups = all.map(({ key, group }) => ({
    ...given({ key }),
    ...numbersOf(group, first),
    ...webhooksOf(group, by),
  }));
  groups.sort(by?.startsWith('hour') === true ? compareLatestHourFirst : compareWorstFirst);
  return { groups: groups.slice(0, limit), more: groups.length > limit };
}

const KEY_OF = {
  account: ({ accountId }: DeliveryRecord) => accountId,
  endpoint: ({ endpointId }: DeliveryRecord) => endpointId,
  hour: hourOf,
  'hour,account': hourOf,
  reason: ({ reason, state }: DeliveryRecord) => (state === 'delivered' ? undefined : (reason ?? state)),
  all: () => undefined,
} as const satisfies Record<string, (record: DeliveryRecord) => string | undefined>;

function hourOf({ endedAt }: DeliveryRecord): string {
  return `${endedAt.slice(0, 13)}:00:00.000Z`;
}

function numbersOf(records: readonly DeliveryRecord[], first: ReadonlySet<DeliveryRecord>): Omit<DeliveryGroup, 'key'> {
  const states: Partial<Record<DeliveryRecord['state'], number>> = {};
  for (const { state } of records) states[state] = (states[state] ?? 0) + 1;
  const late = records
    .flatMap((record) => (first.has(record) ? (latenessMs(record) ?? []) : []))
    .toSorted((a, b) => a - b);
  const accounts = new Set(records.flatMap(({ accountId }) => accountId ?? []));
  const [accountId] = accounts.size === 1 ? accounts : [];
  const delivered = records.filter(({ state }) => state === 'delivered');
  return {
    deliveries: records.length,
    redeliveries: records.filter(({ cycle }) => cycle > 1).length,
    states,
    attempts: records.reduce((sum, { attempts }) => sum + attempts.filter(isSent).length, 0),
    endpoints: new Set(records.map(({ endpointId }) => endpointId)).size,
    accounts: accounts.size,
    ...given({
      lateness: late.length === 0 ? undefined : latenessOf(late),
      accountId,
      lastDeliveredAt: delivered.toSorted(compareLatestFirst)[0]?.endedAt,
      lastEnd: lastEndOf(records),
    }),
  };
}

/** Several cycles of one webhook may end for one reason. */
function webhooksOf(
  records: readonly DeliveryRecord[],
  by: DeliveryStatsQuery['by'],
): Pick<DeliveryGroup, 'webhooks' | 'endpointId'> {
  if (by !== 'reason') return {};
  const endpoints = new Set(records.map(({ endpointId }) => endpointId));
  const [endpointId] = endpoints.size === 1 ? endpoints : [];
  return { webhooks: new Set(records.map(({ webhookId }) => webhookId)).size, ...given({ endpointId }) };
}

/** Whether the attempt may have reached a receiver. */
export function isSent({ outcome }: Pick<Attempt, 'outcome'>): boolean {
  return outcome !== 'refused' && outcome !== 'not_sent';
}

/** What tells one run of a webhook's cycle from another, and how late it was. */
type OfCycle = Pick<DeliveryRecord, 'webhookId' | 'cycle' | 'attempts' | 'promisedAt'> & { readonly runId?: string };

/** Of each webhook and cycle the run with the earliest first attempt: lateness is of that one. A run that was reset
 *  makes its first attempt again, long after the webhook went out. */
export function firstRunsOf<T extends OfCycle>(runs: readonly T[]): ReadonlySet<T> {
  const first = new Map<string, T>();
  for (const run of runs) {
    const key = `${run.cycle} ${run.webhookId}`;
    const kept = first.get(key);
    if (kept === undefined || compareFirstAttempts(run, kept) < 0) first.set(key, run);
  }
  return new Set(first.values());
}

function compareFirstAttempts(a: OfCycle, b: OfCycle): number {
  const untold = Number(latenessMs(a) === undefined) - Number(latenessMs(b) === undefined);
  return untold || compareText(a.attempts[0]?.startedAt, b.attempts[0]?.startedAt) || compareText(a.runId, b.runId);
}

function latenessOf(sorted: readonly number[]): NonNullable<DeliveryGroup['lateness']> {
  return {
    deliveries: sorted.length,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? 0,
  };
}

/** The smallest value that at least this share of all values does not exceed, as percentile_disc of PostgreSQL. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function lastEndOf(records: readonly DeliveryRecord[]): DeliveryGroup['lastEnd'] {
  const telling = records.filter(({ attempts, state }) => attempts.length > 0 || state === 'refused');
  const [last] = telling.toSorted((a, b) => compareText(toldAt(b), toldAt(a)) || compareLatestFirst(a, b));
  if (last === undefined) return undefined;
  const { endedAt: at, host, state, reason, attempts } = last;
  const attempt = attempts.at(-1);
  return { at, host, state, ...given({ code: attempt?.code ?? reason, attempt: attempt && bare(attempt) }) };
}

/** When the delivery last told something of its receiver. A cancel tells nothing. */
function toldAt({ attempts, endedAt }: DeliveryRecord): string {
  return attempts.at(-1)?.startedAt ?? endedAt;
}

function bare({ startedAt, durationMs, outcome }: Attempt) {
  return { startedAt, durationMs, outcome };
}

function compareLatestHourFirst(a: DeliveryGroup, b: DeliveryGroup): number {
  return compareText(b.key, a.key) || compareText(a.accountId, b.accountId);
}

function compareWorstFirst(a: DeliveryGroup, b: DeliveryGroup): number {
  return undelivered(b) - undelivered(a) || b.deliveries - a.deliveries || compareText(a.key, b.key);
}

function undelivered({ deliveries, states }: DeliveryGroup): number {
  return deliveries - (states.delivered ?? 0);
}

/** In the order of code units. What is absent comes last. */
function compareText(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  return a !== undefined && (b === undefined || a < b) ? -1 : 1;
}

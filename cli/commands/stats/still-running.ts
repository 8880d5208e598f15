/** Why webhooks that still run have failed so far: the log knows only of ends. */
import type { Client } from '@temporalio/client';
import { listRuns, type ListedRun } from '../../../client/list-runs.ts';
import { liveDeliveries, type LiveDelivery } from '../../../client/live-deliveries.ts';
import { given } from '../../../contract/given.ts';
import { reasonOf } from '../control/touched.ts';
import { isWaiting } from '../endpoints/facts.ts';
import { readRuns } from '../read-runs.ts';
import type { Whose } from '../report/collect.ts';

/** Deliveries that wait after an attempt that failed for this reason. */
export type RunningReason = {
  /** Reason code of the last attempt; `unknown` if its worker was lost. */
  readonly key: string;
  readonly deliveries: number;
  readonly states: Readonly<Partial<Record<'retrying' | 'waiting_for_us', number>>>;
  readonly endpoints: number;
  /** The only endpoint, and its host. */
  readonly endpointId?: string;
  readonly host?: string;
  readonly accounts: number;
  /** The only account. */
  readonly accountId?: string;
};

/** The reasons, the most frequent first, and how many webhooks were read for that. */
export type RunningReasons = { readonly reasons: readonly RunningReason[]; readonly read: number };

/** Runs that are read, at most: the latest. No further one is begun after this time, ms. */
const MAX_READ = 400;
const READ_MS = 4_000;

/** Reads why. Rejects with what the server rejects with. */
export async function runningReasons(
  client: Client,
  { accountId, endpointId }: Pick<Whose, 'accountId' | 'endpointId'>,
  live: (line: string) => void,
): Promise<RunningReasons> {
  const runs: ListedRun[] = [];
  for await (const run of listRuns(client, { state: 'retrying', ...given({ accountId, endpointId }) })) {
    if (runs.length >= MAX_READ) break;
    runs.push(run);
  }
  const found: LiveDelivery[] = [];
  const { read } = await readRuns(
    client,
    runs,
    READ_MS,
    (run, { startedAt }) => found.push(...(liveDeliveries(run, startedAt) ?? [])),
    (done) => live(`reading waiting runs: ${done} of ${runs.length}`),
  );
  return { reasons: reasonsOf(found, endpointId), read };
}

/** The deliveries that wait, by reason. `endpointId`: only those to it. Pure. */
export function reasonsOf(found: readonly LiveDelivery[], endpointId?: string): readonly RunningReason[] {
  const byReason = new Map<string, LiveDelivery[]>();
  for (const delivery of found) {
    if (!isWaiting(delivery.state) || (endpointId !== undefined && delivery.endpointId !== endpointId)) continue;
    const reason = reasonOf(delivery) ?? 'unknown';
    byReason.set(reason, [...(byReason.get(reason) ?? []), delivery]);
  }
  const reasons = [...byReason].map(([key, group]) => reasonWith(key, group));
  return reasons.toSorted((a, b) => b.deliveries - a.deliveries || (a.key < b.key ? -1 : 1));
}

function reasonWith(key: string, group: readonly LiveDelivery[]): RunningReason {
  const endpoints = new Map(group.map(({ endpointId, host }) => [endpointId, { endpointId, host }]));
  const accounts = new Set(group.flatMap(({ accountId }) => accountId ?? []));
  const waiting = group.filter(({ state }) => state === 'waiting_for_us').length;
  const retrying = group.length - waiting;
  const [endpoint] = endpoints.size === 1 ? endpoints.values() : [];
  const [accountId] = accounts.size === 1 ? accounts : [];
  return {
    key,
    deliveries: group.length,
    states: { ...(retrying > 0 && { retrying }), ...(waiting > 0 && { waiting_for_us: waiting }) },
    endpoints: endpoints.size,
    ...endpoint,
    accounts: accounts.size,
    ...given({ accountId }),
  };
}

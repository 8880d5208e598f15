/** Collects the deliveries of an account or endpoint over a window. Ended ones come from the log, or from their runs
 *  where no log is named. Running ones come from their runs, and terminated ones that the log lacks. */
import type { Client } from '@temporalio/client';
import type { PostgresDeliveryLog } from '../../../adapters/index.ts';
import { recordsOf } from '../../../client/closed-run-records.ts';
import { listRuns, type ListedRun } from '../../../client/list-runs.ts';
import { liveDeliveries } from '../../../client/live-deliveries.ts';
import type { RunFacts } from '../../../client/run-facts.ts';
import { isFinal } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';
import { FINDABLE_STATES } from '../../../contract/schemas/find-filter.ts';
import { readRuns, unreadableNote, type RunsRead } from '../read-runs.ts';
import { reportDelivery, totalsOf, withResets, type ReportDelivery, type ReportTotals } from './delivery.ts';
import { counted } from '../../process/counted.ts';

/** Whose deliveries. Times are ISO 8601. */
export type Whose = {
  readonly accountId?: string;
  readonly endpointId?: string;
  readonly since: string;
  readonly until: string;
};

/** What was collected: the running ones first, then the latest end. */
export type Collected = {
  readonly deliveries: readonly ReportDelivery[];
  readonly totals: ReportTotals;
  /** What is left out, for people. */
  readonly notes: readonly string[];
};

/** Records of one page of the log. */
const PAGE = 1_000;
/** No further run is begun to be read after this, ms. */
const READ_MS = 60_000;

/** Collects at most `limit` ended and `limit` running deliveries. Rejects with what log and server reject with. */
export async function collect(
  client: Client,
  log: PostgresDeliveryLog | undefined,
  whose: Whose,
  limit: number,
  live: (line: string) => void,
): Promise<Collected> {
  const { accountId, endpointId, since, until } = whose;
  const filter = given({ accountId, endpointId });
  const ended = log === undefined ? undefined : await fromLog(log, whose, limit, live);
  const open = await taken(listRuns(client, { ...filter, state: 'running', startedUntil: until }), limit);
  const all = FINDABLE_STATES.filter((state) => !['running', 'retrying', 'waiting_for_us'].includes(state));
  // A terminated run records nothing: until somebody reconciles, only the run tells.
  const state = ended === undefined ? all : (['terminated'] as const);
  const closed = await taken(listRuns(client, { ...filter, state: [...state], since, until }), limit);
  const runs = [...open.runs, ...closed.runs];
  const { found, sample } = await deliveriesOfRuns(client, runs, endpointId, READ_MS, live);
  const told = log === undefined || ended === undefined ? found : await notInLog(log, new Set(ended.keys), found);
  const unrecorded = told.map(({ key: _key, ...delivery }) => delivery);
  const deliveries = withResets([...unrecorded, ...(ended?.deliveries ?? [])]).toSorted(compareLatestFirst);
  const isCut = ended?.isCut === true || open.isCut || closed.isCut;
  const { webhooks, ...totals } = await totalsFor(log, whose, { deliveries, ended, unrecorded });
  return {
    deliveries,
    totals: { ...totals, ...given({ webhooks: isWhole(isCut, sample) ? webhooks : undefined }) },
    notes: notesOn(sample, { isCut, isOpenCut: open.isCut, limit, hasLog: log !== undefined }),
  };
}

/** How many deliveries of terminated runs the log lacks. Of `MAX_TERMINATED` runs at most, for 4 s at most. */
export async function terminatedNotInLog(
  client: Client,
  log: Pick<PostgresDeliveryLog, 'show'>,
  { accountId, endpointId, since, until }: Whose,
): Promise<{ readonly deliveries: number; readonly isWhole: boolean }> {
  const filter = { state: 'terminated' as const, since, until, ...given({ accountId, endpointId }) };
  const { runs, isCut } = await taken(listRuns(client, filter), MAX_TERMINATED);
  const { found, sample } = await deliveriesOfRuns(client, runs, endpointId, TERMINATED_READ_MS, () => {});
  const { length: deliveries } = await notInLog(log, new Set(), found);
  return { deliveries, isWhole: isWhole(isCut, sample) };
}

/** Whether every run was read. Otherwise one delivery of a webhook may be told, and another one not. */
export function isWhole(isCut: boolean, { left, unreadable }: Pick<RunsRead, 'left' | 'unreadable'>): boolean {
  return !isCut && left + unreadable === 0;
}

const MAX_TERMINATED = 200;
const TERMINATED_READ_MS = 4_000;

type FoundDelivery = ReportDelivery & { readonly key: string };

/** The deliveries of these runs, to `endpointId` if it is given. */
async function deliveriesOfRuns(
  client: Client,
  runs: readonly ListedRun[],
  endpointId: string | undefined,
  withinMs: number,
  live: (line: string) => void,
): Promise<{ readonly found: readonly FoundDelivery[]; readonly sample: RunsRead }> {
  const found: FoundDelivery[] = [];
  const take = (facts: RunFacts, run: ListedRun): void => {
    for (const each of deliveriesIn(facts, run)) {
      const isMeant = endpointId === undefined || each.endpointId === endpointId;
      if (isMeant) found.push({ ...reportDelivery(each), key: keyOf(each) });
    }
  };
  const progress = (done: number): void => live(`reading runs: ${done} of ${runs.length}`);
  return { found, sample: await readRuns(client, runs, withinMs, take, progress) };
}

/** The deliveries that the log cannot tell: those that run, and those that have ended and that the log still lacks. A
 *  run that waits for another endpoint is open, although the log has this delivery's end. Where that end is not among
 *  `listed`, it is behind the limit or outside the window. */
export async function notInLog<T extends Pick<ReportDelivery, 'webhookId' | 'state'> & { readonly key: string }>(
  log: Pick<PostgresDeliveryLog, 'show'>,
  listed: ReadonlySet<string>,
  found: readonly T[],
): Promise<readonly T[]> {
  const left: T[] = [];
  for (const delivery of found) {
    if (listed.has(delivery.key)) continue;
    const records = isFinal(delivery.state) ? await log.show(delivery.webhookId) : [];
    if (!records.some((record) => keyOf(record) === delivery.key)) left.push(delivery);
  }
  return left;
}

type FromLog = {
  readonly deliveries: readonly ReportDelivery[];
  readonly keys: readonly string[];
  readonly isCut: boolean;
};

async function fromLog(
  log: PostgresDeliveryLog,
  { accountId, endpointId, since, until }: Whose,
  limit: number,
  live: (line: string) => void,
): Promise<FromLog> {
  const deliveries: ReportDelivery[] = [];
  const keys: string[] = [];
  let after: string | undefined;
  do {
    live(`reading the log: ${deliveries.length} deliveries`);
    const page = await log.list({
      since,
      until,
      limit: Math.min(PAGE, limit - deliveries.length),
      ...given({ accountId, endpointId, after }),
    });
    deliveries.push(...page.records.map(reportDelivery));
    keys.push(...page.records.map(keyOf));
    after = page.next;
  } while (after !== undefined && deliveries.length < limit);
  return { deliveries, keys, isCut: after !== undefined };
}

async function taken(
  runs: AsyncIterable<ListedRun>,
  limit: number,
): Promise<{ readonly runs: readonly ListedRun[]; readonly isCut: boolean }> {
  const found: ListedRun[] = [];
  for await (const run of runs) {
    if (found.length >= limit) return { runs: found, isCut: true };
    found.push(run);
  }
  return { runs: found, isCut: false };
}

function deliveriesIn(facts: RunFacts, run: ListedRun) {
  const { state, startedAt, endedAt, workflowId, runId } = run;
  if (facts.status === 'RUNNING' || endedAt === undefined) return liveDeliveries(facts, startedAt) ?? [];
  const times = { startedAt: new Date(startedAt), endedAt: new Date(endedAt) };
  return recordsOf(facts, { workflowId, runId, state, ...times }) ?? [];
}

/** Of a list that was cut, the log counts what ended: the totals are of all. */
async function totalsFor(
  log: PostgresDeliveryLog | undefined,
  whose: Whose,
  listed: {
    readonly deliveries: readonly ReportDelivery[];
    readonly ended: FromLog | undefined;
    readonly unrecorded: readonly ReportDelivery[];
  },
): Promise<ReportTotals> {
  if (log === undefined || listed.ended?.isCut !== true) return totalsOf(listed.deliveries);
  const { accountId, endpointId, since, until } = whose;
  const { groups } = await log.stats({ since, until, ...given({ accountId, endpointId }) });
  const [all] = groups;
  const open = totalsOf(listed.unrecorded);
  if (all === undefined) return open;
  const states = { ...open.states };
  for (const [state, count] of Object.entries(all.states) as [keyof typeof states, number][]) {
    states[state] = (states[state] ?? 0) + count;
  }
  const deliveries = all.deliveries + open.deliveries;
  const ended = deliveries - open.running;
  return {
    deliveries,
    running: open.running,
    states,
    attempts: all.attempts + open.attempts,
    deliveredShare: (states.delivered ?? 0) / ended,
    ...given({ lateness: all.lateness }),
  };
}

type Cut = {
  readonly isCut: boolean;
  readonly isOpenCut: boolean;
  readonly limit: number;
  readonly hasLog: boolean;
};

/** What is left out, in words. */
export function notesOn({ left, unreadable }: RunsRead, { isCut, isOpenCut, limit, hasLog }: Cut): readonly string[] {
  const open = isOpenCut ? `, and of those that run only ${limit}` : '';
  const totals = hasLog ? `, the totals count all that ended${open}` : ', and the totals count only these';
  return [
    ...(isCut ? [`there are more than ${limit} deliveries: the latest are listed${totals}`] : []),
    ...(left > 0 ? [`for want of time ${counted(left, 'run was', 'runs were')} not read`] : []),
    ...(unreadable > 0 ? [unreadableNote(unreadable)] : []),
  ];
}

function keyOf({ webhookId, cycle, runId }: { webhookId: string; cycle: number; runId: string }): string {
  return `${webhookId}/${cycle}/${runId}`;
}

/** What runs comes first. */
function compareLatestFirst(a: ReportDelivery, b: ReportDelivery): number {
  if (isFinal(a.state) !== isFinal(b.state)) return isFinal(a.state) ? 1 : -1;
  const [one, other] = [a.endedAt ?? a.startedAt, b.endedAt ?? b.startedAt];
  return one === other ? 0 : one > other ? -1 : 1;
}

/** Gathers what `endpoints` needs: numbers of what ended, the list of open runs, and a sample of those. */
import type { Client } from '@temporalio/client';
import type { PostgresDeliveryLog } from '../../../adapters/index.ts';
import { listRuns, type ListedRun } from '../../../client/list-runs.ts';
import { liveDeliveries, type LiveDelivery } from '../../../client/live-deliveries.ts';
import { given } from '../../../contract/given.ts';
import { FINDABLE_STATES } from '../../../contract/schemas/find-filter.ts';
import { readRuns, type RunsRead } from '../read-runs.ts';
import { byEndpoint, isWaiting, numbersFromList, type EndedNumbers, type HealthFacts } from './health.ts';

/** What to gather. Times are ISO 8601. */
export type Asked = { readonly account?: string; readonly since: string; readonly until: string };

/** The facts, and what was left out. */
export type Gathered = HealthFacts & {
  readonly sample: RunsRead;
  /** Waiting runs of the list. */
  readonly waiting: number;
  /** Whether a list or the log had more than was taken. */
  readonly isCut: boolean;
  /** Open runs that the list shows without endpoints. */
  readonly withoutEndpoints: number;
};

/** Runs of a list, at most: what a command can hold and a server lists in about a minute. */
const MAX_LISTED = 50_000;
const MAX_GROUPS = 10_000;
/** Waiting runs that are read, at most, and for how long, ms. */
const MAX_READ = 400;
const READ_MS = 4_000;
/** Of one endpoint: its newest waiting runs, whose next attempt comes first, and its oldest. */
const NEWEST_READ = 2;
/** Endpoints whose failures since the last success are read from the log, at most. */
const MAX_LOOKED_UP = 200;
const FAILURES_READ = 100;

/** Gathers. `log` is undefined where none is named: then Temporal's list tells what ended. Rejects with what they
 *  reject with. */
export async function gather(
  client: Client,
  log: PostgresDeliveryLog | undefined,
  asked: Asked,
  live: (line: string) => void,
): Promise<Gathered> {
  const filter = given({ accountId: asked.account });
  const open = await taken(listRuns(client, { ...filter, state: 'running' }), (count) =>
    live(`listing open runs: ${count}`),
  );
  const ended = await endedNumbers(client, log, asked, live);
  const waiting = open.runs.filter(({ state }) => isWaiting(state));
  const read: LiveDelivery[] = [];
  const chosen = sampleOf(waiting);
  const sample = await readRuns(
    client,
    chosen,
    READ_MS,
    (run, { startedAt }) => read.push(...(liveDeliveries(run, startedAt) ?? [])),
    (done) => live(`reading waiting runs: ${done} of ${chosen.length}`),
  );
  return {
    open: open.runs,
    ended: ended.numbers,
    read,
    failedAt: log === undefined ? new Map() : await failuresSince(log, ended.numbers, asked, live),
    sample,
    waiting: waiting.length,
    isCut: open.isCut || ended.isCut,
    withoutEndpoints: open.runs.filter(({ endpointIds }) => endpointIds === undefined).length,
  };
}

async function taken(
  runs: AsyncIterable<ListedRun>,
  onProgress: (count: number) => void,
): Promise<{ readonly runs: readonly ListedRun[]; readonly isCut: boolean }> {
  const found: ListedRun[] = [];
  for await (const run of runs) {
    if (found.length >= MAX_LISTED) return { runs: found, isCut: true };
    found.push(run);
    if (found.length % 500 === 0) onProgress(found.length);
  }
  return { runs: found, isCut: false };
}

async function endedNumbers(
  client: Client,
  log: PostgresDeliveryLog | undefined,
  { account, since, until }: Asked,
  live: (line: string) => void,
): Promise<{ readonly numbers: readonly EndedNumbers[]; readonly isCut: boolean }> {
  const accountId = given({ accountId: account });
  if (log === undefined) {
    const states = FINDABLE_STATES.filter((state) => state !== 'running' && !isWaiting(state));
    const ended = listRuns(client, { ...accountId, since, until, state: states });
    const { runs, isCut } = await taken(ended, (count) => live(`listing ended runs: ${count}`));
    return { numbers: numbersFromList(runs), isCut };
  }
  live('counting what ended, by endpoint');
  const { groups, more } = await log.stats({ by: 'endpoint', since, until, limit: MAX_GROUPS, ...accountId });
  return { numbers: groups.map((group) => ({ ...group, delivered: group.states.delivered ?? 0 })), isCut: more };
}

/** The waiting runs to read: a few of each endpoint, and every endpoint before any gets its second. */
function sampleOf(waiting: readonly ListedRun[]): readonly ListedRun[] {
  const rounds: ListedRun[][] = [];
  for (const runs of byEndpoint(waiting).values()) {
    const newestFirst = runs.toSorted((a, b) => (a.startedAt > b.startedAt ? -1 : 1));
    const few = [...newestFirst.slice(0, 1), ...newestFirst.slice(-1), ...newestFirst.slice(1, NEWEST_READ)];
    // A run with several endpoints is read in any case: the list does not say which of them waits.
    const unclear = runs.filter(({ endpointIds = [] }) => endpointIds.length > 1);
    for (const [round, run] of [...few, ...unclear].entries()) (rounds[round] ??= []).push(run);
  }
  const byRun = new Map(rounds.flat().map((run) => [run.runId, run]));
  return [...byRun.values()].slice(0, MAX_READ);
}

/** The first failure after the last success, of each endpoint whose last end was a failure. */
async function failuresSince(
  log: PostgresDeliveryLog,
  ended: readonly EndedNumbers[],
  { since, until }: Asked,
  live: (line: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const failing = ended.filter(({ lastEnd }) => lastEnd !== undefined && lastEnd.state !== 'delivered');
  const found = new Map<string, string>();
  for (const [done, { key: endpointId = '', lastDeliveredAt = '' }] of failing.slice(0, MAX_LOOKED_UP).entries()) {
    live(`looking for the first failure: ${done} of ${Math.min(failing.length, MAX_LOOKED_UP)} endpoints`);
    const from = lastDeliveredAt > since ? lastDeliveredAt : since;
    const { records } = await log.list({ endpointId, since: from, until, limit: FAILURES_READ });
    const failedAt = records
      .flatMap(({ attempts }) => attempts)
      .filter(({ outcome, startedAt }) => outcome !== 'delivered' && startedAt > lastDeliveredAt)
      .map(({ startedAt }) => startedAt)
      .toSorted()[0];
    if (failedAt !== undefined) found.set(endpointId, failedAt);
  }
  return found;
}

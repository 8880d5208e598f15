/** Gathers what `endpoints` needs: numbers of what ended, the list of open runs, and a sample of those. */
import type { Client } from '@temporalio/client';
import type { PostgresDeliveryLog } from '../../../adapters/index.ts';
import { listRuns, type ListedRun } from '../../../client/list-runs.ts';
import { liveDeliveries, type LiveDelivery } from '../../../client/live-deliveries.ts';
import type { RunFacts } from '../../../client/run-facts.ts';
import { given } from '../../../contract/given.ts';
import { FINDABLE_STATES } from '../../../contract/schemas/find-filter.ts';
import type { Attempt } from '../../../contract/delivery-state.ts';
import { readRuns, type RunsRead } from '../read-runs.ts';
import { byEndpoint, isWaiting, type EndedNumbers, type HealthFacts } from './facts.ts';
import { numbersFromList } from './numbers-from-list.ts';
import { historiesOf } from './histories.ts';

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
/** Waiting runs that are read, at most. No further one is begun after these times, ms: of reading, and of all. A slow
 *  server that needed long for the list is asked for less. */
const MAX_READ = 400;
const MAX_READ_MS = 4_000;
const MIN_READ_MS = 1_000;
const ALL_MS = 8_500;
/** Ended runs that are read where no log tells their host and code, at most. */
const MAX_ENDED_READ = 100;

/** Gathers. `log` is undefined where none is named: then Temporal's list tells what ended. Rejects with what they
 *  reject with. */
export async function gather(
  client: Client,
  log: PostgresDeliveryLog | undefined,
  asked: Asked,
  live: (line: string) => void,
): Promise<Gathered> {
  const fromMs = Date.now();
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
    Math.max(MIN_READ_MS, Math.min(MAX_READ_MS, fromMs + ALL_MS - Date.now())),
    (run, { startedAt }) => read.push(...(liveDeliveries(run, startedAt) ?? [])),
    (done) => live(`reading waiting runs: ${done} of ${chosen.length}`),
  );
  return {
    open: open.runs,
    ended: ended.numbers,
    read,
    histories: log === undefined ? new Map() : await historiesOf(log, ended.numbers, waiting, asked, live),
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
    return { numbers: await withLastEnds(client, numbersFromList(runs), runs, live), isCut };
  }
  live('counting what ended, by endpoint');
  const { groups, more } = await log.stats({ by: 'endpoint', since, until, limit: MAX_GROUPS, ...accountId });
  return {
    numbers: groups.map((group) => ({
      ...group,
      delivered: group.states.delivered ?? 0,
      refused: group.states.refused ?? 0,
    })),
    isCut: more,
  };
}

/** The waiting runs to read: one of each endpoint before any gets its second. The newest comes first, whose next
 *  attempt is near, then the oldest, which knows since when. */
function sampleOf(waiting: readonly ListedRun[]): readonly ListedRun[] {
  const rounds: ListedRun[][] = [];
  for (const runs of byEndpoint(waiting).values()) {
    const [newest, ...others] = runs.toSorted((a, b) => (a.startedAt > b.startedAt ? -1 : 1));
    const oldest = others.pop();
    for (const [round, run] of [newest, oldest, ...others].entries()) {
      if (run !== undefined) (rounds[round] ??= []).push(run);
    }
  }
  const byRun = new Map(rounds.flat().map((run) => [run.runId, run]));
  return [...byRun.values()].slice(0, MAX_READ);
}

/** Adds host and code, which the list lacks, from the latest ended run of each endpoint: of those that failed first. */
async function withLastEnds(
  client: Client,
  numbers: readonly EndedNumbers[],
  runs: readonly ListedRun[],
  live: (line: string) => void,
): Promise<readonly EndedNumbers[]> {
  const byEnd = new Map(runs.flatMap((run) => (run.endpointIds ?? []).map((id) => [`${id} ${run.endedAt}`, run])));
  const failedFirst = numbers.toSorted((a, b) => Number(isWellEnded(a)) - Number(isWellEnded(b)));
  const last = failedFirst.flatMap(({ key, lastEnd }) => byEnd.get(`${key} ${lastEnd?.at}`) ?? []);
  const chosen = [...new Map(last.map((run) => [run.runId, run])).values()].slice(0, MAX_ENDED_READ);
  const ends = new Map<string, { readonly host: string; readonly code?: string; readonly attempt?: Attempt }>();
  const take = (facts: RunFacts, run: ListedRun): void => {
    for (const { endpointId, host, attempts, reason } of liveDeliveries(facts, run.startedAt) ?? []) {
      const attempt = attempts.at(-1);
      if (ends.has(endpointId)) continue;
      ends.set(endpointId, { host, ...given({ code: attempt?.code ?? reason, attempt }) });
    }
  };
  await readRuns(client, chosen, MIN_READ_MS, take, (done) => live(`reading ended runs: ${done} of ${chosen.length}`));
  return numbers.map((each) => {
    const { key = '', lastEnd } = each;
    return lastEnd === undefined ? each : { ...each, lastEnd: { ...lastEnd, ...ends.get(key) } };
  });
}

function isWellEnded({ lastEnd }: EndedNumbers): boolean {
  return lastEnd === undefined || lastEnd.state === 'delivered';
}

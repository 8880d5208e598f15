/** Looks at the Temporal server: version, namespace, search attributes, task queue, open runs, clock. */
import type { Client, Connection } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { askWorkers, type WorkersAnswer } from '../../../client/ask-workers.ts';
import { inDeadline } from '../../../client/deadlines.ts';
import { StoredPayloadError, UnreadableRunError } from '../../../client/errors.ts';
import { tryFairness } from '../../../client/fairness-probe.ts';
import { findRuns } from '../../../client/find-webhooks.ts';
import { readInput } from '../../../client/read-run.ts';
import { isLimited, limitsOf, partitionsOf } from '../../../client/queue-limits.ts';
import { serverClockAheadMs } from '../../../client/server-clock.ts';
import { surveyRuns } from '../../../client/survey-runs.ts';
import { livePollers, queueFacts } from '../../../client/task-queue.ts';
import { given } from '../../../contract/given.ts';
import { SEARCH_ATTRIBUTES } from '../../../contract/server-names.ts';
import { progressLine } from '../../process/progress-line.ts';
import { planSearchAttributes, type SearchAttributePlan } from '../setup/search-attributes.ts';
import { attempt, unreadOf } from './attempt.ts';
import { schedulesOf } from './look-at-schedules.ts';
import type { QueueSeen, ServerSeen, Unread } from './facts.ts';
import { lookAtVersions } from './look-at-versions.ts';

/** Never rejects. Each part that could not be looked at is listed in `unread`, with its gRPC status. */
export async function lookAtServer(
  client: Client,
  {
    taskQueue,
    probe,
    hasKeys,
    say,
  }: {
    readonly taskQueue: string;
    readonly probe: boolean;
    readonly hasKeys: boolean;
    readonly say: (line: string) => void;
  },
): Promise<ServerSeen> {
  const unread: Unread[] = [];
  const part = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    const seen = await attempt(work);
    if (seen.is === 'there') return seen.seen;
    if (seen.is === 'broken') unread.push(unreadOf(what, seen.problem));
    return undefined;
  };
  say('asking for namespace, search attributes and clock');
  const [version, retentionMs, attributes, clockAheadMs, shards] = await Promise.all([
    part('version', () => versionOf(client)),
    part('retention', () => retentionOf(client)),
    part('search attributes', () => attributesOf(client)),
    part('clock', () => serverClockAheadMs(client)),
    // Only a server of one's own has shards to look after. Another one may refuse to tell them.
    attempt(() => historyShardsOf(client)),
  ]);
  const nowMs = (): number => Date.now() + (clockAheadMs ?? 0);
  // If this clock is off by a minute, and nobody knows that, every poller would look dead.
  const serverNowMs = (): number | undefined => (clockAheadMs === undefined ? undefined : nowMs());
  say('looking at the task queue and the open runs');
  const startedMs = Date.now();
  const onProgress = (done: number, of: number): void =>
    say(`open runs ${progressLine(done, of, Date.now() - startedMs)}`);
  // Side by side: a dead worker is waited for, and an operator waits for the doctor.
  const [queues, versions, runs, readsRuns, workers, fairness, schedules] = await Promise.all([
    part('task queue', () => queuesOf(client, [taskQueue], serverNowMs)),
    part('versions of workers', () => lookAtVersions(client, taskQueue, serverNowMs)),
    part('open runs', () => surveyRuns(client, { nowMs, taskQueue, onProgress })),
    hasKeys ? part('encrypted runs', () => readsOpenRuns(client)) : undefined,
    probe ? part('workers', () => asked(client, taskQueue, nowMs)) : undefined,
    // A namespace in which this client may not start runs is no finding.
    probe ? part('fairness', () => tryFairness(client)) : undefined,
    part('schedules', () => schedulesOf(client)),
  ]);
  const elsewhere = (runs?.taskQueues ?? []).filter((name) => name !== taskQueue).slice(0, MAX_OTHER_QUEUES);
  const others = await part('other task queues', () => queuesOf(client, elsewhere, serverNowMs));
  return {
    ...given({
      version,
      retentionMs,
      historyShards: shards.is === 'there' ? shards.seen : undefined,
      attributes,
      clockAheadMs,
      versions,
      runs,
      readsRuns,
      workers: workers?.answer,
      workersAskedMs: workers?.tookMs,
      fairness: fairness?.fairness,
      fairnessUnclear: fairness?.fairness === 'unclear' ? fairness.why : undefined,
      schedules,
    }),
    queues: [...(queues ?? []), ...(others ?? [])],
    unread,
  };
}

/** What the workers did with a question, and how long an answer took. */
async function asked(
  client: Client,
  taskQueue: string,
  nowMs: () => number,
): Promise<{ readonly answer: WorkersAnswer; readonly tookMs?: number }> {
  const fromMs = performance.now();
  const answer = await askWorkers(client, taskQueue, nowMs);
  return answer === 'answered' ? { answer, tookMs: Math.round(performance.now() - fromMs) } : { answer };
}

/** Task queues of open runs that are looked at, beside our own. */
const MAX_OTHER_QUEUES = 5;

async function queuesOf(
  client: Client,
  taskQueues: readonly string[],
  nowMs: () => number | undefined,
): Promise<QueueSeen[]> {
  const seen = await Promise.all(
    taskQueues.map(async (taskQueue): Promise<QueueSeen[]> => {
      const [workflow, activity, limits] = await Promise.all([
        queueFacts(client, taskQueue, 'workflow'),
        queueFacts(client, taskQueue, 'activity'),
        // A client that may not see them still sees the queue.
        inDeadline(client, () => limitsOf(client, taskQueue)).catch(() => undefined),
      ]);
      const hasLimit = limits !== undefined && isLimited(limits);
      const live = livePollers({ workflow, activity }, nowMs(), hasLimit);
      const partitions = hasLimit ? await partitionsOf(client, taskQueue) : undefined;
      return [
        { taskQueue, kind: 'workflow', ...workflow, live: live.workflow.length },
        { taskQueue, kind: 'activity', ...activity, live: live.activity.length, ...given({ limits, partitions }) },
      ];
    }),
  );
  return seen.flat();
}

/** What the namespace lacks. Not every client may list attributes (Temporal Cloud); any may use them in a query. */
async function attributesOf(client: Client): Promise<Pick<SearchAttributePlan, 'missing' | 'clashes'>> {
  const { namespace } = client.options;
  try {
    return await inDeadline(client, () => planSearchAttributes(client.connection as Connection, namespace));
  } catch (error) {
    const query = Object.keys(SEARCH_ATTRIBUTES)
      .map((name) => `${name} IS NULL`)
      .join(' AND ');
    const isKnown = await inDeadline(client, () => client.workflow.count(query)).then(
      () => true,
      () => false,
    );
    if (!isKnown) throw error;
    return { missing: {}, clashes: [] };
  }
}

async function versionOf(client: Client): Promise<string> {
  const { serverVersion } = await inDeadline(client, () => client.workflowService.getSystemInfo({}));
  return serverVersion;
}

async function historyShardsOf(client: Client): Promise<number | undefined> {
  const { historyShardCount } = await inDeadline(client, () => client.workflowService.getClusterInfo({}));
  return historyShardCount === 0 ? undefined : historyShardCount;
}

async function retentionOf(client: Client): Promise<number | undefined> {
  const { namespace } = client.options;
  const { config } = await inDeadline(client, () => client.workflowService.describeNamespace({ namespace }));
  return optionalTsToMs(config?.workflowExecutionRetentionTtl);
}

/** Open runs that are tried. */
const TRIED_RUNS = 5;

/** Whether the client's keys read one of the newest open runs. Undefined if no run is open. */
async function readsOpenRuns(client: Client): Promise<boolean | undefined> {
  let tried = 0;
  for await (const { workflowId, runId } of findRuns(client, { state: 'running' })) {
    try {
      await inDeadline(client, () => readInput(client, workflowId, runId));
      return true;
    } catch (error) {
      // What the external storage keeps says nothing about keys.
      if (error instanceof StoredPayloadError) return undefined;
      if (!(error instanceof UnreadableRunError)) throw error;
    }
    tried += 1;
    if (tried === TRIED_RUNS) break;
  }
  return tried === 0 ? undefined : false;
}

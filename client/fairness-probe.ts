/**
 * Finds out whether the server gives tasks out fairly. No request tells it, and a server that ignores fairness keys
 * takes them without a word. So it is tried: one run of no worker's, on a task queue of its own, has many tasks of a
 * busy account and then some of a quiet one. The order in which the server hands them out tells. Then the run goes.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { grpcCauseOf, statusNameOf } from './grpc-answers.ts';
import { describeQueue } from './task-queue.ts';

export type Fairness = 'on' | 'off' | 'unclear';

/** What was seen, and in words why nothing was. */
export type FairnessSeen = { readonly fairness: 'on' | 'off' } | { readonly fairness: 'unclear'; readonly why: string };

/** So many that the order tells with eight partitions, too. The server puts each task into one of them by chance, and
 *  takes from one of them by chance. Four is its default. */
const BUSY = 160;
const QUIET = 32;
/** Tasks that are taken. With one partition a fair server gives out the quiet account's as every second one. */
const TAKEN = 32;
/** Tasks of the quiet account among those. In ten thousand plays with eight partitions a fair server gave out seven or
 *  more, another one at most one. */
const FAIR_FROM = 6;
const UNFAIR_TO = 2;
/** A second look decides where the first one is in between. */
const TRIES = 3;
const LIMIT_MS = 15_000;
/** The server puts tasks into the queue a moment after the run has scheduled them, ms. Under load that moment is
 *  long. */
const QUEUED_AFTER_MS = 250;
const QUEUED_LOOKS = 12;
/** COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK */
const SCHEDULE_ACTIVITY = 1;
/** The run ends by itself if this process dies, ms. */
const RUN_MS = 60_000;

/** Starts a run, and takes it away again. What the server refuses makes it `unclear`: the right to start a run, for
 *  example. Rejects only for faults that are not the server's. `wait`: for tests. */
export async function tryFairness(client: Client, wait: Wait = after): Promise<FairnessSeen> {
  try {
    return await client.withDeadline(Date.now() + LIMIT_MS, async () => {
      let seen = fairnessIn(await triedOnce(client, wait));
      for (let tries = 1; seen.fairness === 'unclear' && tries < TRIES; tries += 1)
        seen = fairnessIn(await triedOnce(client, wait));
      return seen;
    });
  } catch (error) {
    const answer = grpcCauseOf(error);
    if (answer === undefined) throw error;
    const status = statusNameOf(answer);
    const came =
      status === 'DEADLINE_EXCEEDED' ? `no answer within ${LIMIT_MS / 1_000} s` : `the server answered ${status}`;
    return { fairness: 'unclear', why: `${came}: ${answer.details}` };
  }
}

type Wait = (ms: number) => Promise<void>;

async function triedOnce(client: Client, wait: Wait): Promise<readonly string[]> {
  const name = `topcalls-doctor-fairness-${randomUUID()}`;
  const { namespace, identity } = client.options;
  const { workflowService } = client;
  const execution = { workflowId: name };
  await workflowService.startWorkflowExecution({
    namespace,
    identity,
    workflowId: name,
    requestId: randomUUID(),
    workflowType: { name: 'topcallsDoctorProbe' },
    taskQueue: { name },
    workflowRunTimeout: msToTs(RUN_MS),
  });
  try {
    await schedule(client, name, 'busy', BUSY);
    await untilQueued(client, name, { count: BUSY, wait });
    await schedule(client, name, 'quiet', QUIET);
    await untilQueued(client, name, { count: BUSY + QUIET, wait });
    return await handedOut(client, name);
  } finally {
    await workflowService.terminateWorkflowExecution({
      namespace,
      identity,
      workflowExecution: execution,
      reason: 'the doctor has seen enough',
    });
    // Without the right to delete, retention removes it.
    await workflowService.deleteWorkflowExecution({ namespace, workflowExecution: execution }).catch(() => undefined);
  }
}

/** What an order says: the keys of the tasks as they were handed out. Pure. */
export function fairnessIn(keys: readonly string[]): FairnessSeen {
  if (keys.length < TAKEN)
    return { fairness: 'unclear', why: `the server handed out ${keys.length} of ${TAKEN} tasks that were asked for` };
  const quiet = keys.slice(0, TAKEN).filter((key) => key === 'quiet').length;
  if (quiet >= FAIR_FROM) return { fairness: 'on' };
  if (quiet <= UNFAIR_TO) return { fairness: 'off' };
  const why = `${quiet} of the first ${TAKEN} tasks were of the quiet account, as with many partitions of a task queue`;
  return { fairness: 'unclear', why };
}

/** Takes the run's workflow task, and answers it with so many activities of one key. */
async function schedule(client: Client, name: string, key: string, count: number): Promise<void> {
  const { namespace, identity } = client.options;
  const { workflowService } = client;
  const taskQueue = { name };
  const task = await workflowService.pollWorkflowTaskQueue({ namespace, identity, taskQueue });
  const commands = Array.from({ length: count }, (_, index) => ({
    commandType: SCHEDULE_ACTIVITY,
    scheduleActivityTaskCommandAttributes: {
      activityId: `${key}/${index}`,
      activityType: { name: 'topcallsDoctorProbe' },
      taskQueue,
      scheduleToCloseTimeout: msToTs(RUN_MS),
      startToCloseTimeout: msToTs(RUN_MS),
      priority: { priorityKey: 3, fairnessKey: key },
    },
  }));
  await workflowService.respondWorkflowTaskCompleted({
    namespace,
    identity,
    taskToken: task.taskToken,
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
    commands,
    forceCreateNewWorkflowTask: key === 'busy',
  });
}

/** Resolves once so many tasks wait in the queue, or after a while: the server calls its count approximate. */
async function untilQueued(
  client: Client,
  name: string,
  { count, wait }: { readonly count: number; readonly wait: Wait },
): Promise<void> {
  for (let looks = 0; looks < QUEUED_LOOKS; looks += 1) {
    await wait(QUEUED_AFTER_MS);
    if (((await queued(client, name)) ?? count) >= count) return;
  }
}

/** Tasks in all partitions. The answer for the whole queue is up to 5 s old, so each partition is asked. Undefined if
 *  this server does not tell. */
async function queued(client: Client, name: string): Promise<number | undefined> {
  const { namespace } = client.options;
  const { workflowService } = client;
  try {
    const { activityTaskQueuePartitions: all } = await workflowService.listTaskQueuePartitions({
      namespace,
      taskQueue: { name },
    });
    const statuses = await Promise.all(
      all.map(({ key }) => describeQueue(client, key ?? name, 'activity', { includeTaskQueueStatus: true })),
    );
    return statuses.reduce((sum, { taskQueueStatus }) => sum + Number(taskQueueStatus?.backlogCountHint ?? 0), 0);
  } catch (error) {
    if (grpcCauseOf(error) === undefined) throw error;
    return undefined;
  }
}

async function after(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

async function handedOut(client: Client, name: string): Promise<string[]> {
  const { namespace, identity } = client.options;
  const keys: string[] = [];
  while (keys.length < TAKEN) {
    const request = { namespace, identity, taskQueue: { name } };
    const task = await client.workflowService.pollActivityTaskQueue(request);
    if (task.activityId === '') break;
    keys.push(task.activityId.split('/')[0] ?? '');
  }
  return keys;
}

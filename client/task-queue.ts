/**
 * What the server knows of a task queue: who polls it, and what waits in it. `stalled.ts` asks it for one run, the
 * doctor for the whole queue.
 */
import type { Client, WorkflowService } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { given } from '../contract/given.ts';
import { inDeadline } from './deadlines.ts';
import { versionName } from './worker-versions.ts';

/** Workflow tasks and activities wait in queues of their own, under one name. */
export type QueueKind = 'workflow' | 'activity';

/** A process that has polled. */
export type Poller = {
  readonly identity: string;
  /** When it last asked for a task, by the server's clock, ms since 1970. */
  readonly lastPollMs: number;
  /** `deployment:build`; absent if it polls without versions. */
  readonly version?: string;
  /** Runs that begin now do not go to it: its version is not current, or it has none while one is current. */
  readonly leftOut?: true;
};

/** What waits in a queue, and how fast it is given out. */
export type Backlog = {
  /** Tasks that wait. The server calls the number approximate. */
  readonly tasks: number;
  /** How long the oldest has waited, ms; 0 if none waits. */
  readonly ageMs: number;
  /** Tasks given out per second, over the last half minute. */
  readonly givenOutPerSecond: number;
};

/** The longest that a live poller is silent: the server answers an empty poll after a minute, and the worker asks
 *  again. The server lists a dead one for five minutes. */
export const POLL_SILENCE_MS = 75_000;

/** A task that has waited for so long, ms, has been passed over by every poller that has not asked since. */
const PASSED_OVER_MS = 10_000;

type Queue = { readonly pollers: readonly Poller[]; readonly backlog: Backlog };

/** The pollers that live, as far as the server shows it. A dead one has been silent for longer than a poll lasts, or
 *  has not come back for a task that has waited for 10 s. A worker whose activity slots are all taken asks for no
 *  activity, too: it lives as long as it polls for workflow tasks. `nowMs`: by the server's clock. Undefined
 *  if nobody knows the server's time: then whoever has polled last lives, and the others are compared with it.
 *  `isLimited`: activities wait for a limit of the queue, so the oldest one says nothing about pollers. */
export function livePollers(
  { workflow, activity: activities }: Readonly<Record<QueueKind, Queue>>,
  nowMs: number | undefined,
  isLimited = false,
): Readonly<Record<QueueKind, readonly Poller[]>> {
  const activity = isLimited ? { ...activities, backlog: { ...activities.backlog, ageMs: 0 } } : activities;
  const atMs = nowMs ?? Math.max(0, ...[...workflow.pollers, ...activity.pollers].map(({ lastPollMs }) => lastPollMs));
  const live = { workflow: answering(workflow, atMs), activity: answering(activity, atMs) };
  const alive = new Set([...live.workflow, ...live.activity].map(({ identity }) => identity));
  const isBusy = ({ identity }: Poller): boolean => alive.has(identity);
  return { workflow: live.workflow, activity: activity.pollers.filter(isBusy) };
}

/** Whether a poller has not been silent for longer than a poll lasts. So it is believed if nobody knows the server's
 *  time. */
export function hasJustPolled({ lastPollMs }: Poller, nowMs: number | undefined): boolean {
  return nowMs === undefined || nowMs - lastPollMs <= POLL_SILENCE_MS;
}

function answering({ pollers, backlog }: Queue, nowMs: number): readonly Poller[] {
  // The tasks may wait for another version, and say nothing about those that poll.
  const isOfOne = new Set(pollers.map(({ version }) => version)).size <= 1 && pollers.every(({ leftOut }) => !leftOut);
  if (!isOfOne) return pollers.filter((poller) => hasJustPolled(poller, nowMs));
  const silenceMs = backlog.ageMs > PASSED_OVER_MS ? Math.min(backlog.ageMs, POLL_SILENCE_MS) : POLL_SILENCE_MS;
  return pollers.filter(({ lastPollMs }) => nowMs - lastPollMs <= silenceMs);
}

/** temporal.api.enums.v1.TaskQueueType, which @temporalio/client does not export. */
export const QUEUE_TYPES = { workflow: 1, activity: 2 } as const;

/** Who has polled this queue within the last five minutes. Rejects with what the SDK throws. */
export async function pollersOf(client: Client, taskQueue: string, kind: QueueKind): Promise<readonly Poller[]> {
  return inDeadline(client, () => pollersWithin(client, taskQueue, kind));
}

/** As `pollersOf`, within the deadline that the caller has set for all of its requests. */
export async function pollersWithin(client: Client, taskQueue: string, kind: QueueKind): Promise<readonly Poller[]> {
  return pollersIn(await describeQueue(client, taskQueue, kind));
}

/** Pollers and backlog of this queue. Costs the server more than `pollersOf`. Rejects with what the SDK throws. */
export async function queueFacts(client: Client, taskQueue: string, kind: QueueKind): Promise<Queue> {
  const answer = await inDeadline(client, () => describeQueue(client, taskQueue, kind, { reportStats: true }));
  const { approximateBacklogCount, approximateBacklogAge, tasksDispatchRate } = answer.stats ?? {};
  const tasks = Number(approximateBacklogCount ?? 0);
  return {
    pollers: pollersIn(answer),
    backlog: {
      tasks,
      ageMs: tasks === 0 ? 0 : durationMs(approximateBacklogAge),
      givenOutPerSecond: tasksDispatchRate ?? 0,
    },
  };
}

type Answer = Awaited<ReturnType<Client['workflowService']['describeTaskQueue']>>;

/** What the server says of this queue; `more` asks for parts that it leaves out. Rejects with what the SDK throws. */
export async function describeQueue(
  client: Client,
  taskQueue: string,
  kind: QueueKind,
  more: object = {},
): Promise<Answer> {
  const request = {
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: QUEUE_TYPES[kind],
    ...more,
  };
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
  return client.workflowService.describeTaskQueue(request);
}

function pollersIn({ pollers, versioningInfo }: Answer): Poller[] {
  const current = versionName(versioningInfo?.currentDeploymentVersion);
  const takers = new Set([current, versionName(versioningInfo?.rampingDeploymentVersion)]);
  return (pollers ?? []).map(({ identity, lastAccessTime, deploymentOptions }) => {
    const isVersioned = (deploymentOptions?.workerVersioningMode as number | undefined) === VERSIONED;
    const version = isVersioned ? versionName(deploymentOptions) : undefined;
    const takesNew = version === undefined ? current === undefined : takers.has(version);
    return {
      identity: identity ?? '',
      lastPollMs: optionalTsToMs(lastAccessTime) ?? 0,
      ...given({ version }),
      ...(takesNew ? {} : { leftOut: true }),
    };
  });
}

/** WORKER_VERSIONING_MODE_VERSIONED */
const VERSIONED = 2;

/** The version that runs of this queue begin with; undefined if they begin with workers that have none. Rejects with
 *  what the SDK throws. */
export async function currentOfQueue(
  service: WorkflowService,
  namespace: string,
  taskQueue: string,
): Promise<string | undefined> {
  const request = { namespace, taskQueue: { name: taskQueue }, taskQueueType: QUEUE_TYPES.workflow };
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
  const { versioningInfo } = await service.describeTaskQueue(request);
  return versionName(versioningInfo?.currentDeploymentVersion);
}

/** Timestamp and Duration have the same fields. */
function durationMs(duration: Parameters<typeof optionalTsToMs>[0]): number {
  return optionalTsToMs(duration) ?? 0;
}

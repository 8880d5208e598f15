/**
 * Whether a worker is missing: tasks of a run wait, and nobody polls for them who may take them. Versions of workers
 * and limits of the task queue count.
 */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import type { Stalled } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { isoTime } from '../contract/iso-time.ts';
import { shown } from './failure-in-words.ts';
import { SCHEDULED, SLOW_MS, waitsForWorker } from './pending-activities.ts';
import { hasLimits } from './queue-limits.ts';
import type { RunFacts } from './run-facts.ts';
import { POLL_SILENCE_MS, pollersWithin, type Poller, type QueueKind } from './task-queue.ts';
import { setCurrentCommand, versionId } from './worker-versions.ts';

type Raw = WorkflowExecutionDescription['raw'];

/** What waits for a worker, and since when. `kind` names the poller that must take it. */
export type Waiting = { readonly kind: QueueKind; readonly sinceMs: number | undefined };

/** Where to look: how the pollers of a queue are asked for, and what time the server has. */
export type Looking = {
  readonly pollersOf: (taskQueue: string, kind: QueueKind) => Promise<readonly Poller[]>;
  readonly nowMs: () => number;
};

/** The server is asked each time. */
export function lookingWith(client: Client): Looking {
  return { pollersOf: (taskQueue, kind) => pollersWithin(client, taskQueue, kind), nowMs: () => Date.now() };
}

/** The tasks of the run that nobody has taken yet. */
export function waitingIn({ pendingWorkflowTask, pendingActivities }: Raw, nowMs: number): Waiting[] {
  const waiting: Waiting[] = [];
  if (pendingWorkflowTask && Number(pendingWorkflowTask.state) === SCHEDULED) {
    waiting.push({ kind: 'workflow', sinceMs: optionalTsToMs(pendingWorkflowTask.scheduledTime) });
  }
  for (const activity of pendingActivities ?? []) {
    const sinceMs = optionalTsToMs(activity.scheduledTime);
    if (!waitsForWorker(activity) || (sinceMs ?? 0) > nowMs) continue;
    return [...waiting, { kind: 'activity', sinceMs }];
  }
  return waiting;
}

/** Whether no worker would take a task of this queue. `waiting`: a task that waits there now; without it only a queue
 *  that nobody has polled for five minutes counts. Undefined as well where the server does not say. */
export async function noWorker(
  looking: Looking,
  { taskQueue, version }: Pick<RunFacts, 'taskQueue' | 'version'>,
  { kind, sinceMs }: Waiting = { kind: 'workflow', sinceMs: undefined },
): Promise<Stalled | undefined> {
  let others: readonly Poller[] = [];
  try {
    const all = await looking.pollersOf(taskQueue, kind);
    // A run that no version has begun goes to those that take new ones.
    const isFor = (poller: Poller): boolean => (version === undefined ? !poller.leftOut : poller.version === version);
    const pollers = all.filter(isFor);
    others = all.filter((poller) => !isFor(poller));
    const lastPollMs = Math.max(0, ...pollers.map((poller) => poller.lastPollMs));
    // The server lists a poller for five minutes. A live one has asked again since the task came, also a busy one.
    const isIgnored = sinceMs !== undefined && lastPollMs < sinceMs && looking.nowMs() - sinceMs > SLOW_MS;
    if (lastPollMs > 0 && !isIgnored) return undefined;
  } catch {
    // A client that may not ask learns nothing. Its own request must not fail for that.
    return undefined;
  }
  const since = given({ since: isoTime(sinceMs) });
  if (version !== undefined) return { ...goneVersion(taskQueue, version), ...since };
  const other = others.find((poller) => poller.version !== undefined)?.version;
  if (other !== undefined) return { ...notCurrent(taskQueue, other), ...since };
  const what = kind === 'workflow' ? 'workflow tasks' : 'activities, or all its slots are taken';
  const more = kind === 'workflow' ? '' : ', or one more';
  return {
    why: 'no_worker',
    problem: `no worker polls the task queue ${JSON.stringify(taskQueue)} for ${what}`,
    fix: `start a worker for this task queue and namespace${more}; nothing is lost meanwhile`,
    ...since,
  };
}

/** The run stays with the version that began it, and no worker of that version polls. */
function goneVersion(taskQueue: string, version: string): Stalled {
  return {
    why: 'no_worker',
    problem: `no worker of the version ${shown(version)} polls the task queue ${JSON.stringify(taskQueue)}`,
    fix: 'start a worker of that version, or let the run go to the current one (docs/upgrade.md); nothing is lost',
    version,
  };
}

/** Workers poll, and the server gives runs that begin to another version, or to workers without one. */
function notCurrent(taskQueue: string, version: string): Stalled {
  return {
    why: 'no_worker',
    problem: `the version ${shown(version)} polls the task queue ${JSON.stringify(taskQueue)}, and is not current`,
    fix: `${setCurrentCommand(versionId(version))} makes it current; nothing is lost meanwhile`,
    version,
  };
}

/** How long the limits are waited for, ms. */
const LIMITS_WITHIN_MS = 1_000;

/** A limit of the task queue leaves pollers and tasks waiting side by side. Then whoever has polled lately lives. */
export async function unlessHeldBack(
  client: Client,
  looking: Looking,
  taskQueue: string,
  stalled: Stalled | undefined,
) {
  if (stalled === undefined || !(await hasLimits(client, taskQueue, LIMITS_WITHIN_MS))) return stalled;
  const { version } = stalled;
  const pollers = await looking.pollersOf(taskQueue, 'activity').catch(() => []);
  const mayTake = pollers.filter((poller) => version === undefined || poller.version === version);
  return mayTake.some(({ lastPollMs }) => looking.nowMs() - lastPollMs <= POLL_SILENCE_MS) ? undefined : stalled;
}

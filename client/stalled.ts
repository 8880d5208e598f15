/**
 * Why a run stands still: read from what the server shows of it, so no worker is needed. A run that waits for its next
 * attempt, or rests, does not stand still. read-run.ts asks; `status()` and `retryNow()` tell.
 */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import type { Stalled } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { isoTime } from '../contract/iso-time.ts';
import { ACTIVITY_TYPES } from '../contract/server-names.ts';
import { failureInWords, shown } from './failure-in-words.ts';
import type { HistoryEvent } from './fetch-history.ts';
import { SCHEDULED, SLOW_MS, waitsForWorker, type PendingActivity } from './pending-activities.ts';
import type { RunFacts } from './run-facts.ts';
import { hasLimits } from './queue-limits.ts';
import { POLL_SILENCE_MS, pollersWithin, type Poller, type QueueKind } from './task-queue.ts';
import { fixIn, withoutSignal } from './what-helps.ts';
import { setCurrentCommand, versionId, versionName } from './worker-versions.ts';

type Raw = WorkflowExecutionDescription['raw'];

/** What waits for a worker, and since when. `kind` names the poller that must take it. */
type Waiting = { readonly kind: QueueKind; readonly sinceMs: number | undefined };

/** Where to look: how the pollers of a queue are asked for, and what time the server has. */
export type Looking = {
  readonly pollersOf: (taskQueue: string, kind: QueueKind) => Promise<readonly Poller[]>;
  readonly nowMs: () => number;
};

/** PENDING_ACTIVITY_STATE_PAUSED and PENDING_ACTIVITY_STATE_PAUSE_REQUESTED */
const PAUSED: ReadonlySet<number> = new Set([4, 5]);

/** Why an open run stands still; empty if it does not. `events`: its history; without it, what made a task
 *  fail is not told. Of several causes, the one that has to be fixed first. A run whose workflow tasks nobody completes
 *  is deaf. `looking`: for many runs, one that does not ask for each of them. */
export async function stalledIn(
  client: Client,
  description: WorkflowExecutionDescription,
  events: readonly HistoryEvent[] | undefined,
  looking: Looking = lookingWith(client),
): Promise<Pick<RunFacts, 'stalled' | 'isDeaf' | 'version'>> {
  const { raw, taskQueue } = description;
  if (description.status.name !== 'RUNNING') return {};
  const converter = client.options.loadedDataConverter;
  const activities = raw.pendingActivities ?? [];
  const queue = { taskQueue, ...given({ version: versionOf(raw) }) };
  const noWorkerFor = async (kind: Waiting['kind']): Promise<Stalled | undefined> => {
    const waiting = waitingIn(raw, looking.nowMs()).find((each) => each.kind === kind);
    return waiting && noWorker(looking, queue, waiting);
  };
  const failing = (): Promise<Stalled | undefined> => taskFailing(client, description, events);
  const deaf = (await noWorkerFor('workflow')) ?? (await failing());
  if (deaf !== undefined) return { stalled: deaf, isDeaf: true, ...given({ version: queue.version }) };
  // A worker whose activity slots are all taken does not ask for activities, and still completes workflow tasks.
  const stalled =
    (await unlessHeldBack(client, looking, taskQueue, await noWorkerFor('activity'))) ??
    pausedIn(activities) ??
    (await waitingFor(activities, ACTIVITY_TYPES.waitForUs, converter)) ??
    (await waitingFor(activities, ACTIVITY_TYPES.recordDelivery, converter)) ??
    (await waitingFor(activities, ACTIVITY_TYPES.notifyDelivery, converter));
  return given({ stalled, version: queue.version });
}

/** The version that the run is pinned to, unless an operator lets it go to the current one. */
export function versionOf({ workflowExecutionInfo }: Raw): string | undefined {
  const { behavior, deploymentVersion, versioningOverride } = workflowExecutionInfo?.versioningInfo ?? {};
  if (versioningOverride?.pinned?.version) return versionName(versioningOverride.pinned.version);
  const isPinned = Number(behavior) === PINNED && versioningOverride?.autoUpgrade !== true;
  return isPinned ? versionName(deploymentVersion) : undefined;
}

/** VERSIONING_BEHAVIOR_PINNED */
const PINNED = 1;

/** Why a signal to the run would change nothing now. `someWait`: deliveries wait for their next attempt. */
export async function whyUnheard(
  client: Client,
  run: Pick<RunFacts, 'taskQueue' | 'stalled' | 'isDeaf' | 'version'>,
  { someWait }: { readonly someWait: boolean },
): Promise<Stalled | undefined> {
  // The host's notify holds up no delivery.
  const stalled = run.stalled?.why === 'waiting_for_notify' ? undefined : run.stalled;
  return run.isDeaf === true || !someWait ? stalled : noWorker(lookingWith(client), run);
}

/** Whether no worker would take a task of this queue. `waiting`: a task that waits there now; without it only a queue
 *  that nobody has polled for five minutes counts. Undefined as well where the server does not say. */
async function noWorker(
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
async function unlessHeldBack(client: Client, looking: Looking, taskQueue: string, stalled: Stalled | undefined) {
  if (stalled === undefined || !(await hasLimits(client, taskQueue, LIMITS_WITHIN_MS))) return stalled;
  const { version } = stalled;
  const pollers = await looking.pollersOf(taskQueue, 'activity').catch(() => []);
  const mayTake = pollers.filter((poller) => version === undefined || poller.version === version);
  return mayTake.some(({ lastPollMs }) => looking.nowMs() - lastPollMs <= POLL_SILENCE_MS) ? undefined : stalled;
}

/** The server is asked each time. */
function lookingWith(client: Client): Looking {
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

/** The server repeats a task that failed, and shows how often. History has only the first failure in a row. */
async function taskFailing(
  client: Client,
  { workflowId, raw }: WorkflowExecutionDescription,
  events: readonly HistoryEvent[] | undefined,
): Promise<Stalled | undefined> {
  const attempt = raw.pendingWorkflowTask?.attempt ?? 1;
  if (attempt < 2) return undefined;
  const failed = events?.findLast(
    (event) => event.workflowTaskFailedEventAttributes ?? event.workflowTaskTimedOutEventAttributes,
  );
  const times = attempt === 2 ? 'once' : `${attempt - 1} times in a row`;
  const since = given({ since: isoTime(optionalTsToMs(failed?.eventTime)) });
  const failure = failed?.workflowTaskFailedEventAttributes;
  if (events !== undefined && !failure) {
    return {
      why: 'task_failing',
      problem: `its workflow task was not answered in time ${times}: its worker was killed, is frozen or too busy`,
      fix: 'see whether a worker lives: topcalls-webhooks doctor; restart a frozen one. Nothing is lost meanwhile',
      ...since,
    };
  }
  const { loadedDataConverter: converter, namespace } = client.options;
  const cause = failure
    ? ((await failureInWords(failure.failure, converter)) ?? 'the server does not say why')
    : undefined;
  return {
    why: 'task_failing',
    problem: `its workflow task has failed ${times}${cause === undefined ? '' : `: ${cause}`}`,
    fix:
      (cause === undefined ? undefined : withoutSignal(cause, events ?? [], { workflowId, namespace })) ??
      'deploy the fixed worker, or give it the right keys; the run then goes on, and nothing is lost meanwhile',
    ...since,
  };
}

function pausedIn(activities: readonly PendingActivity[]): Stalled | undefined {
  const activity = activities.find(({ paused, state }) => paused === true || PAUSED.has(Number(state)));
  if (activity === undefined) return undefined;
  const { pauseTime, manual } = activity.pauseInfo ?? {};
  const by = manual?.identity ? ` by ${shown(manual.identity)}` : '';
  const reason = manual?.reason ? `: ${shown(manual.reason)}` : '';
  return {
    why: 'paused',
    problem: `the activity ${activity.activityId ?? ''} is paused${by}${reason}`,
    fix: 'unpause it: Web UI → Pending Activities → Unpause, or `temporal activity unpause`',
    ...given({ since: isoTime(optionalTsToMs(pauseTime)) }),
  };
}

const WAITS = {
  [ACTIVITY_TYPES.waitForUs]: {
    why: 'waiting_for_us',
    fix: 'fix our own side (docs/errors.md)',
    after: 'the webhook then goes by itself',
  },
  [ACTIVITY_TYPES.recordDelivery]: {
    why: 'waiting_for_log',
    fix: 'fix the delivery log (`db status`, `db migrate`)',
    after: 'the run then closes by itself, and nothing is sent again',
  },
  [ACTIVITY_TYPES.notifyDelivery]: {
    why: 'waiting_for_notify',
    fix: 'fix what takes deliveryEvents',
    after: 'the run then closes by itself. Or `cancel` with `letGo` closes it, and its event is told to nobody',
  },
} as const;

/** An activity of this type that has failed at least once. */
async function waitingFor(
  activities: readonly PendingActivity[],
  type: keyof typeof WAITS,
  converter: LoadedDataConverter,
): Promise<Stalled | undefined> {
  const activity = activities.find(({ activityType, lastFailure }) => activityType?.name === type && lastFailure);
  if (activity === undefined) return undefined;
  const { why, fix, after } = WAITS[type];
  const problem = (await failureInWords(activity.lastFailure, converter)) ?? 'the server does not say why';
  return { why, problem, fix: `${fixIn(problem) ?? fix}; ${after}` };
}

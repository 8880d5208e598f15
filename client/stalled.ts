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
import { lookingWith, noWorker, unlessHeldBack, waitingIn, type Looking, type Waiting } from './missing-worker.ts';
import type { PendingActivity } from './pending-activities.ts';
import type { RunFacts } from './run-facts.ts';
import { namespaceOption, shellWord } from './shell-word.ts';
import { fixIn, fixOfPayload } from './what-helps.ts';
import { versionOf } from './worker-versions.ts';

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
    pausedIn(activities, { workflowId: description.workflowId, namespace: client.options.namespace }) ??
    (await waitingFor(activities, ACTIVITY_TYPES.waitForUs, converter)) ??
    (await waitingFor(activities, ACTIVITY_TYPES.recordDelivery, converter)) ??
    (await waitingFor(activities, ACTIVITY_TYPES.notifyDelivery, converter));
  return given({ stalled, version: queue.version });
}

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
      (cause === undefined ? undefined : fixOfPayload(cause, events ?? [], { workflowId, namespace })) ??
      'deploy the fixed worker, or give it the right keys; the run then goes on, and nothing is lost meanwhile',
    ...since,
  };
}

function pausedIn(
  activities: readonly PendingActivity[],
  { workflowId, namespace }: { readonly workflowId: string; readonly namespace: string },
): Stalled | undefined {
  const activity = activities.find(({ paused, state }) => paused === true || PAUSED.has(Number(state)));
  if (activity === undefined) return undefined;
  const { pauseTime, manual } = activity.pauseInfo ?? {};
  const where = `-w ${shellWord(workflowId)}${namespaceOption(namespace, '-n')}`;
  const command = `temporal activity unpause ${where} --activity-id ${shellWord(activity.activityId ?? '')}`;
  const by = manual?.identity ? ` by ${shown(manual.identity)}` : '';
  const reason = manual?.reason ? `: ${shown(manual.reason)}` : '';
  return {
    why: 'paused',
    problem: `the activity ${activity.activityId ?? ''} is paused${by}${reason}`,
    fix: `unpause it: Web UI → Pending Activities → Unpause, or \`${command}\``,
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

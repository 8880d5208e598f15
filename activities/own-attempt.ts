/**
 * What the server says of the attempt that runs here. Only an attempt that starts late asks, since its worker may have
 * been frozen or its clock may be off, and the first attempt of a run that was reset.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { within } from './within.ts';

/** `wanted`: it may send. `cancelled`: its run has cancelled it, for a cancel or a retryNow. A cancel that the run has
 *  not heard yet does not show here, but then `isRunBusy`: the run has something to hear. `replaced`: the server has
 *  given the attempt up, or its run has ended. `heartbeatAtMs`: the server's time of the activity's last heartbeat. */
export type OwnAttempt = {
  readonly is: 'wanted' | 'cancelled' | 'replaced';
  readonly isRunBusy: boolean;
  readonly heartbeatAtMs: number | undefined;
};

/** Each question to the server, ms: short enough for the delivery's 30 s. */
const ASK_TIMEOUT_MS = 3_000;
/** An attempt asks again while its run is busy, after this time and then after twice as long each time, ms. A run
 *  without a worker must not hold it, and a server that is behind must not be asked more than a few times. */
const FIRST_BUSY_TURN_MS = 100;
const BUSY_MS = 3_000;
/** PENDING_ACTIVITY_STATE_CANCEL_REQUESTED */
const CANCEL_REQUESTED = 3;

/** Undefined if the server does not answer in time. */
export async function askOwnAttempt(context: Context): Promise<OwnAttempt | undefined> {
  const { info, client } = context;
  const run = info.workflowExecution;
  if (run === undefined) return undefined;
  try {
    const { raw, status } = await client.withDeadline(Date.now() + ASK_TIMEOUT_MS, () =>
      client.workflow.getHandle(run.workflowId, run.runId).describe(),
    );
    const own = raw.pendingActivities?.find(({ activityId }) => activityId === info.activityId);
    if (status.name !== 'RUNNING' || own === undefined || own.attempt !== info.attempt) {
      return { is: 'replaced', isRunBusy: false, heartbeatAtMs: undefined };
    }
    const is = Number(own.state) === CANCEL_REQUESTED ? 'cancelled' : 'wanted';
    return { is, isRunBusy: raw.pendingWorkflowTask != null, heartbeatAtMs: msOf(own.lastHeartbeatTime) };
  } catch {
    // At least once: an attempt that cannot ask is sent.
    return undefined;
  }
}

/** The same once the run has heard what came before, such as a cancel; after 3 s in any case. */
export async function askOnceHeard(context: Context): Promise<OwnAttempt | undefined> {
  const until = performance.now() + BUSY_MS;
  let own = await askOwnAttempt(context);
  for (let turnMs = FIRST_BUSY_TURN_MS; own?.is === 'wanted' && own.isRunBusy; turnMs *= 2) {
    if (performance.now() + turnMs > until) break;
    await delay(turnMs);
    own = await askOwnAttempt(context);
  }
  return own;
}

/** Ends an attempt that must not send, as Temporal's own cancellation: no attempt counts. A heartbeat lets the worker
 *  hear of the cancel, so that the activity completes as cancelled. */
export async function giveUp(context: Context, { is }: OwnAttempt): Promise<never> {
  if (is === 'cancelled') {
    context.heartbeat();
    await within('the cancellation', ASK_TIMEOUT_MS, () => context.cancelled).catch(() => undefined);
  }
  throw new CancelledFailure(is === 'cancelled' ? 'cancelled before it was sent' : 'replaced before it was sent');
}

/** Has the server given out the first attempt once more? It does so in a run that was reset, even if the run had
 *  cancelled the attempt before. */
export function isGivenOutAgain({ info }: Context): boolean {
  return info.attempt === 1 && info.currentAttemptScheduledTimestampMs > info.scheduledTimestampMs;
}

function msOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number | undefined {
  return time ? Number(time.seconds ?? 0) * 1_000 + Math.floor((time.nanos ?? 0) / 1e6) : undefined;
}

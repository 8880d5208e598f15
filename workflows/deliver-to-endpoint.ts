/**
 * One endpoint: deliver by the ladder, then record what came of it. Runs shielded: only its own track's cancel or
 * retryNow interrupts it, and only between attempts.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  patched,
  sleep,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { DeliveryState } from '../contract/delivery-state.ts';
import { FAILURE_TYPES } from '../contract/failure-types.ts';
import { attemptsIn, waitAfter } from '../contract/retry-schedule.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { readAttemptReport } from '../contract/signal-payloads.ts';
import type { AttemptReport, DeliverInput, DeliverySubject } from '../contract/run-messages.ts';
import { deliverWebhookProxy, recordDeliveryProxy } from './activity-proxies.ts';
import type { DeliveryTrack } from './delivery-track.ts';
import type { WebhookRun } from './run.ts';

/** Delivers and records; the outcome is in the track afterwards. Without a body (cancelled before it was frozen) nothing
 *  is sent. Throws only where this code is wrong, which leaves the run open for a mended version. */
export async function deliverToEndpoint(
  run: WebhookRun,
  track: DeliveryTrack,
  body: string | undefined,
): Promise<void> {
  const recorded = body !== undefined && (await climbLadder(track, run.subject, body));
  if (body === undefined) track.close('cancelled');
  run.show();
  if (!recorded) await recordDeliveryProxy(track.endpoint.host)(recordOf(track, run.subject));
}

/** Attempts until one delivers, the ladder is spent, or a cancel comes. Says whether the activity has recorded the end. */
async function climbLadder(track: DeliveryTrack, subject: DeliverySubject, body: string): Promise<boolean> {
  let trigger: DeliverInput['trigger'] = subject.cycle > 1 ? 'redelivery' : 'schedule';
  while (!track.cancelAsked) {
    try {
      const delivered = await track.interruptible(() => attempt(track, subject, body, trigger));
      track.enter(delivered);
      track.close('delivered');
      return delivered.recorded;
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      const report = reportIn(error);
      if (report !== undefined) track.enter(report);
      const hurried = track.takeHurry();
      if (track.cancelAsked) {
        if (error.cause instanceof TimeoutFailure) track.assumeMade(track.attemptsMade + 1);
        break;
      }
      if (!hurried || !stoppedByUs(error)) {
        giveUp(track, error, report);
        return false;
      }
      // retryNow ended the wait. Where it met an attempt in flight, that attempt's own rung still has to be waited.
      trigger = isCancellation(error) ? await afterHurry(track) : await sleepRung(track, report);
      if (track.isExhausted) {
        giveUp(track, error, report);
        return false;
      }
    }
  }
  track.close('cancelled');
  return false;
}

function attempt(track: DeliveryTrack, subject: DeliverySubject, body: string, trigger: DeliverInput['trigger']) {
  track.triggered(trigger);
  const { endpoint, retryDelaysMs, attemptsMade } = track;
  const input: DeliverInput = { subject, endpoint, body, retryDelaysMs, attemptsMade, trigger };
  return deliverWebhookProxy(input)(input);
}

/** What makes the next attempt go after a retryNow ended a wait: that, unless it was meant for a wait before. A retryNow that
 *  no worker took up in time finds the attempt made and failed, and the next rung begun; that one nobody asked to skip. */
async function afterHurry(track: DeliveryTrack): Promise<DeliverInput['trigger']> {
  const leftMs = track.waitBegunSinceHurryMs;
  // Runs from before this was minded have sent the attempt at once, and are replayed so.
  return leftMs !== undefined && patched('late-retry-now') ? sleepWait(track, leftMs) : 'retry_now';
}

/** Sleeps the rung that a cancelled activity can no longer wait itself. A cancel ends it, and so does a retryNow. */
async function sleepRung(track: DeliveryTrack, report: AttemptReport | undefined): Promise<DeliverInput['trigger']> {
  if (report === undefined) track.assumeMade(track.attemptsMade + 1);
  const waitMs = report?.nextDelayMs ?? waitAfter(track.attemptsMade, track.retryDelaysMs);
  return waitMs === undefined ? 'schedule' : sleepWait(track, waitMs);
}

async function sleepWait(track: DeliveryTrack, waitMs: number): Promise<DeliverInput['trigger']> {
  track.waitFor(waitMs);
  try {
    await track.interruptible(() => sleep(waitMs, { summary: `next attempt at ${track.endpoint.host}` }));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return track.takeHurry() ? 'retry_now' : 'schedule';
  }
  return 'schedule';
}

/** Whether the attempt ended because we cancelled its activity. A failure in flight then is no cancellation by type. */
function stoppedByUs(error: ActivityFailure): boolean {
  if (isCancellation(error)) return true;
  const isFinal = error.cause instanceof ApplicationFailure && error.cause.nonRetryable === true;
  return !isFinal && error.retryState === 'CANCEL_REQUESTED';
}

function giveUp(track: DeliveryTrack, error: ActivityFailure, report: AttemptReport | undefined): void {
  // Without a report the last attempts ended unseen (killed workers, time-outs, an activity this worker lacks).
  if (report === undefined) track.assumeMade(attemptsIn(track.retryDelaysMs));
  track.close(endState(error, report), report?.attempt.code ?? 'unknown');
}

function endState(error: ActivityFailure, report: AttemptReport | undefined): DeliveryState {
  const type = error.cause instanceof ApplicationFailure ? error.cause.type : undefined;
  if (type === FAILURE_TYPES.endpointGone) return 'gone';
  // A resolved address may be a resolver's glitch, so it is retried; if the ladder ends on it, it was none.
  if (type === FAILURE_TYPES.deliveryRefused || report?.attempt.outcome === 'refused') return 'refused';
  return 'failed';
}

function reportIn(error: ActivityFailure): AttemptReport | undefined {
  return error.cause instanceof ApplicationFailure ? readAttemptReport(error.cause.details?.[0]) : undefined;
}

function recordOf(track: DeliveryTrack, subject: DeliverySubject): DeliveryRecord {
  const { workflowId, runId } = workflowInfo();
  const { runStartedAt, ...ids } = subject;
  const outcome = track.outcome();
  return {
    ...ids,
    ...outcome,
    ...track.sent,
    workflowId,
    runId,
    startedAt: runStartedAt,
    endedAt: new Date().toISOString(),
  };
}

/**
 * Runs the attempts of one delivery until they end, and tells the delivery how they ended. Temporal's retry policy
 * makes the attempts, so one call here is up to five POSTs. Only this file reads what a failed activity throws.
 */
import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { AttemptsStopped, Delivery } from '../contract/delivery.ts';
import { given } from '../contract/given.ts';
import type { Delivered, DeliverInput } from '../contract/run-messages.ts';
import { readAttemptReport } from '../contract/signal-payloads.ts';
import { deliverWebhookProxy } from './activity-proxies.ts';
import type { WebhookRun } from './run.ts';

/** Runs one delivery activity until it stops. Afterwards the delivery has ended, a retryNow stopped the activity,
 *  or the attempt was not sent for a reason of ours. In these cases `delivery.life` says for what to wait, or which
 *  attempt is next. Throws only on our own bugs. The workflow task then fails, and the run waits for a fixed worker. */
export function attemptUntilEnd(run: WebhookRun, delivery: Delivery, body: string): Promise<void> {
  const input = deliverInput(run, delivery, body);
  delivery.scheduled(input.attemptsMade, input.trigger, Date.now());
  const onDelivered = (report: Delivered): void => {
    run.interrupts.end(delivery);
    run.notifications.heard(report);
    delivery.reported(report, Date.now());
    delivery.end('delivered', undefined, report.recorded);
  };
  const onStopped = (error: unknown): void => {
    run.interrupts.end(delivery);
    if (!(error instanceof ActivityFailure)) throw error;
    const stop = stopIn(error);
    if (stop.how === 'failed') run.notifications.heard(stop.report);
    delivery.stopped(stop, Date.now());
  };
  // Not async: that would be one more promise, and the SDK walks the stack for every one.
  const attempts = run.interrupts.begin(delivery).run(() => deliverWebhookProxy(input, run.mayDeliverEagerly)(input));
  return attempts.then(onDelivered, onStopped);
}

function deliverInput(run: WebhookRun, delivery: Delivery, body: string): DeliverInput {
  const { endpoint, retryDelaysMs, attemptsMade, nextTrigger: trigger } = delivery;
  // Nothing is sent to an endpoint that its settings refuse, so it takes no room from the others' copies.
  const sent = endpoint.refusal === undefined ? body : '';
  const spendsNotSent = delivery.spendsNotSent || undefined;
  return {
    subject: run.subject,
    endpoint,
    body: sent,
    retryDelaysMs,
    attemptsMade,
    trigger,
    ...given({ spendsNotSent, repairs: run.takeRepairs() }),
  };
}

function stopIn(error: ActivityFailure): AttemptsStopped {
  // An attempt in flight that fails after a cancel arrives as an ordinary failure. Only its retry state shows the
  // cancel.
  const isAsked = error.retryState === 'CANCEL_REQUESTED';
  if (isCancellation(error)) return { how: 'cancelled' };
  if (error.cause instanceof TimeoutFailure) return { how: 'timed_out', isAsked };
  const failure = error.cause instanceof ApplicationFailure ? error.cause : undefined;
  const report = readAttemptReport(failure?.details?.[0]);
  const isFinal = failure?.nonRetryable === true;
  return { how: 'failed', isFinal, isAsked, ...given({ type: failure?.type ?? undefined, report }) };
}

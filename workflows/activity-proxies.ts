/**
 * Timeouts and retry policy of each activity, with the reason for each number. From activities/ only types are
 * imported, so that the activities' code stays out of the workflow bundle.
 */
import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { WebhookActivities } from '../activities/index.ts';
import { DELIVERY_START_TO_CLOSE_MS, FIRST_POLL_TIMEOUT_MS, WAIT_FOR_US_MS } from '../contract/run-limits.ts';
import {
  deliveryActivityId,
  FAILURE_TYPES,
  fairnessKeyOf,
  LIVE_PRIORITY,
  NOT_REGISTERED,
  REDELIVERY_PRIORITY,
  WAITING_PRIORITY,
} from '../contract/names.ts';
import { retryPolicyAfter } from '../contract/retry-schedule.ts';
import type { DeliverInput, NotifyInput, WaitForUsInput } from '../contract/run-messages.ts';

/** The first poll is a local activity. When the artifacts are ready, it costs one marker in history instead of an
 *  activity and a workflow task. It has one try, and ends itself within 2 s. The half second on top detects a process
 *  that hangs. It runs inside a workflow task, so a cancel is heard only after it. */
export function firstPollProxy() {
  return proxyLocalActivities<Pick<WebhookActivities, 'fetchArtifacts'>>({
    startToCloseTimeout: FIRST_POLL_TIMEOUT_MS + 500,
    retry: { maximumAttempts: 1 },
  }).fetchArtifacts;
}

/** One poll ends itself within 10 s. A poll that is open for 20 s has a dead worker. Each retry is the next poll, so
 *  attempts are unlimited, and the activity itself checks the deadline. TRY_CANCEL: a cancel takes effect at once,
 *  even while the artifact source hangs. */
export function fetchArtifactsProxy() {
  return proxyActivities<Pick<WebhookActivities, 'fetchArtifacts'>>({
    startToCloseTimeout: '20 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 seconds' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: 'wait for recording, transcript and summary',
  }).fetchArtifacts;
}

/** The delivery. Its retry policy is the ladder: each failed attempt names its rung as `nextRetryDelay`. It has no
 *  scheduleToClose timeout, because that would end the ladder early. WAIT_CANCELLATION_COMPLETED: an attempt that is in
 *  flight when a cancel comes still reports its outcome. Eager dispatch saves a seventh of the CPU, and ignores the
 *  limits of the task queue. */
export function deliverWebhookProxy(input: DeliverInput, allowEagerDispatch: boolean) {
  const { subject, endpoint, attemptsMade, spendsNotSent } = input;
  return proxyActivities<Pick<WebhookActivities, 'deliverWebhook'>>({
    activityId: deliveryActivityId(endpoint.endpointId, subject.cycle, attemptsMade + 1),
    startToCloseTimeout: DELIVERY_START_TO_CLOSE_MS,
    retry: {
      ...retryPolicyAfter(attemptsMade, input.retryDelaysMs),
      // A worker without this activity, or without the body, would spend the ladder without a POST.
      nonRetryableErrorTypes: spendsNotSent === true ? [] : [NOT_REGISTERED, FAILURE_TYPES.storedPayload],
    },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    allowEagerDispatch,
    summary: `${subject.event} → ${endpoint.host}`,
    // Live calls go before what an operator sends again. One busy account must not delay the others.
    priority: {
      priorityKey: subject.cycle > 1 ? REDELIVERY_PRIORITY : LIVE_PRIORITY,
      fairnessKey: fairnessKeyOf(subject.accountId, endpoint.endpointId),
    },
  }).deliverWebhook;
}

/** Asks whether our side can send again; each retry asks. TRY_CANCEL: a cancel or a retryNow takes effect at once. What
 *  can be sent goes before what still waits. */
export function waitForUsProxy({ subject, endpoint }: WaitForUsInput) {
  return proxyActivities<Pick<WebhookActivities, 'waitForUs'>>({
    startToCloseTimeout: '20 seconds',
    // Where a host's worker lacks it, asking again would never end: the workflow waits by a timer.
    retry: { initialInterval: WAIT_FOR_US_MS, backoffCoefficient: 1, nonRetryableErrorTypes: [NOT_REGISTERED] },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: `wait until our side can send to ${endpoint.host}`,
    priority: { priorityKey: WAITING_PRIORITY, fairnessKey: fairnessKeyOf(subject.accountId, endpoint.endpointId) },
  }).waitForUs;
}

/** The final state must reach the delivery log, so it is retried without limit. A log outage only keeps the run
 *  open. */
export function recordDeliveryProxy(host: string) {
  return proxyActivities<Pick<WebhookActivities, 'recordDelivery'>>({
    startToCloseTimeout: '30 seconds',
    retry: UP_TO_A_MINUTE,
    summary: `record the outcome of ${host}`,
  }).recordDelivery;
}

/** Tells the host of a delivery, until it takes the event. It goes after everything that is sent. TRY_CANCEL: an event
 *  that is let go keeps no run open. A worker that lacks the activity fails, and Temporal asks the next one. */
export function notifyDeliveryProxy({ delivery: { state, host } }: NotifyInput) {
  return proxyActivities<Pick<WebhookActivities, 'notifyDelivery'>>({
    startToCloseTimeout: '30 seconds',
    retry: { backoffCoefficient: 4, maximumInterval: '15 minutes' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: `tell the host: ${host} ${state}`,
    priority: { priorityKey: WAITING_PRIORITY },
  }).notifyDelivery;
}

/** Asks the server to cancel the run that calls it. Without this, a run cancelled by signal cannot close as
 *  Canceled. */
export function cancelOwnRunProxy() {
  return proxyActivities<Pick<WebhookActivities, 'cancelOwnRun'>>({
    startToCloseTimeout: '10 seconds',
    retry: UP_TO_A_MINUTE,
    summary: 'close this run as Canceled',
  }).cancelOwnRun;
}

const UP_TO_A_MINUTE = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

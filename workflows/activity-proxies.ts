/** Each activity's timeouts and retry policy, with the arithmetic. Types only from activities/: their code stays out. */
import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { WebhookActivities } from '../activities/index.ts';
import { DELIVERY_START_TO_CLOSE_MS, FIRST_POLL_TIMEOUT_MS } from '../contract/limits.ts';
import { deliveryActivityId } from '../contract/names.ts';
import { retryPolicyAfter } from '../contract/retry-schedule.ts';
import type { DeliverInput } from '../contract/run-messages.ts';

/** The first poll, as a local activity: artifacts that are ready cost one marker instead of an activity and a workflow task.
 *  One try, within 2 s by the activity's own limit. The half second more tells of a process that hangs. */
export function firstPollProxy() {
  return proxyLocalActivities<Pick<WebhookActivities, 'fetchArtifacts'>>({
    startToCloseTimeout: FIRST_POLL_TIMEOUT_MS + 500,
    retry: { maximumAttempts: 1 },
  }).fetchArtifacts;
}

/** One poll takes at most 10 s (the activity's own limit); 20 s tells a dead worker. Polling is the retry itself, so
 *  attempts are unlimited: the activity judges the deadline. TRY_CANCEL: a cancel needs no word from a hanging source. */
export function fetchArtifactsProxy() {
  return proxyActivities<Pick<WebhookActivities, 'fetchArtifacts'>>({
    startToCloseTimeout: '20 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 seconds' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: 'wait for recording, transcript and summary',
  }).fetchArtifacts;
}

/** The delivery, whose retry policy is the ladder. No scheduleToClose: it would end the ladder early.
 *  WAIT_CANCELLATION_COMPLETED: an attempt in flight when a cancel comes still tells its truth. */
export function deliverWebhookProxy(input: DeliverInput) {
  const { subject, endpoint, attemptsMade } = input;
  return proxyActivities<Pick<WebhookActivities, 'deliverWebhook'>>({
    activityId: deliveryActivityId(endpoint.endpointId, subject.cycle, attemptsMade + 1),
    startToCloseTimeout: DELIVERY_START_TO_CLOSE_MS,
    retry: retryPolicyAfter(attemptsMade, input.retryDelaysMs),
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: `${subject.event} → ${endpoint.host}`,
    // One busy account must not starve the others. The server takes at most 64 bytes.
    priority: { fairnessKey: (subject.accountId ?? endpoint.endpointId).slice(0, 64) },
  }).deliverWebhook;
}

/** The final state must reach the log: retried without limit, a log outage only keeps the run open. */
export function recordDeliveryProxy(host: string) {
  return proxyActivities<Pick<WebhookActivities, 'recordDelivery'>>({
    startToCloseTimeout: '30 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: ONE_MINUTE },
    summary: `record the outcome of ${host}`,
  }).recordDelivery;
}

/** Asks the server to cancel this very run, so that it can close as Canceled after a cancel that came by signal. */
export function cancelOwnRunProxy() {
  return proxyActivities<Pick<WebhookActivities, 'cancelOwnRun'>>({
    startToCloseTimeout: '10 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: ONE_MINUTE },
    summary: 'close this run as Canceled',
  }).cancelOwnRun;
}

const ONE_MINUTE = '1 minute';

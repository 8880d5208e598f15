/** The host's own workflow: places a call, and reports its end. */
import { proxyActivities } from '@temporalio/workflow';

/** @typedef {ReturnType<typeof import('./call-activities.js').createCallActivities>} CallActivities */

/** @type {import('@temporalio/workflow').ActivityInterfaceFor<CallActivities>} */
const { dial, reportEnded } = proxyActivities({
  startToCloseTimeout: '30 seconds',
  // Retried until it works. A call that can never be accepted fails here, instead of being retried for ever.
  retry: { nonRetryableErrorTypes: ['InvalidInputError', 'InputTooLargeError', 'IdOfAnotherAccountError'] },
});

/**
 * This workflow replaces the outbox. Temporal runs `reportEnded` again until it has worked, and a second report starts
 * nothing.
 * @param {import('./call-activities.js').CallOrder} order
 * @returns {Promise<string | undefined>} Workflow id of the webhook's run; undefined where nobody subscribed.
 */
export async function conductCall(order) {
  return reportEnded(await dial(order));
}

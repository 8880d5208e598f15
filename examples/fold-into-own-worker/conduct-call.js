/** The host's own workflow: places a call, and reports its end. */
import { proxyActivities } from '@temporalio/workflow';

/** @typedef {ReturnType<typeof import('./call-activities.js').createCallActivities>} CallActivities */

/** @type {import('@temporalio/workflow').ActivityInterfaceFor<CallActivities>} */
const { dial, reportEnded } = proxyActivities({
  startToCloseTimeout: '30 seconds',
  // Tried until it works; a call that can never be accepted fails here and not for ever.
  retry: { nonRetryableErrorTypes: ['InvalidInputError'] },
});

/**
 * No outbox here: this workflow is one. Temporal runs `reportEnded` again until it has worked, and reporting twice starts
 * nothing the second time.
 * @param {import('./call-activities.js').CallOrder} order
 * @returns {Promise<string | undefined>} Workflow id of the webhook's run; undefined where nobody subscribed.
 */
export async function conductCall(order) {
  return reportEnded(await dial(order));
}

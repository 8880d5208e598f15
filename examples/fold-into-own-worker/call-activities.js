/** The host's own activities. `dial` is made up; `reportEnded` is the one place that knows of webhooks. */

/**
 * @typedef {{ call_id: string, phone_number: string, webhook_url: string }} CallOrder
 * @typedef {import('@topcalls/webhooks/client').CallEnded} CallEnded
 * @param {import('@topcalls/webhooks/client').WebhookClient} webhooks
 */
export function createCallActivities(webhooks) {
  return {
    /** Places a call. Resolves with its record after its end. @param {CallOrder} order @returns {Promise<CallEnded>} */
    dial: async (order) => {
      const end = Date.now();
      return {
        ...order,
        from_phone_number: '+18005551234',
        status: 'completed',
        answered_by: 'human',
        created_at: new Date(end - 65_000).toISOString(),
        started_at: new Date(end - 60_000).toISOString(),
        end_at: new Date(end).toISOString(),
        account_id: 'acct_1',
      };
    },

    /** Reports the end of a call. Fails as InvalidInputError, or with what Temporal says. @param {CallEnded} call */
    reportEnded: async (call) => (await webhooks.callEnded(call))?.workflowId,
  };
}

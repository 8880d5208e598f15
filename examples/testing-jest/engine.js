/** A dialer that reports its calls and campaigns. CommonJS, as most projects with Jest. */

/** @typedef {import('@topcalls/webhooks/client').CallEnded} CallEnded */
/** @typedef {import('@topcalls/webhooks/client').WebhookClient} WebhookClient */

class Dialer {
  #webhooks;
  #pauses = 0;

  /** @param {WebhookClient} webhooks */
  constructor(webhooks) {
    this.#webhooks = webhooks;
  }

  /** Reports a call until the report is made. @param {CallEnded} call @param {(ms: number) => Promise<unknown>} wait */
  async endCall(call, wait) {
    for (let tries = 0; ; tries += 1) {
      try {
        const handle = await this.#webhooks.callEnded(call);
        return handle === undefined ? 'nobody wants it' : handle.workflowId;
      } catch (/** @type {any} */ error) {
        if (error.retryable !== true) throw error;
        await wait(Math.min(1_000 * 2 ** tries, 15_000));
      }
    }
  }

  /** @param {{ id: string, name: string, leads: number, webhook_url: string }} campaign @param {string} reason */
  async pause({ id, name, leads, webhook_url }, reason) {
    this.#pauses += 1;
    await this.#webhooks.campaignEvent({
      event: 'campaign.paused',
      campaign_id: id,
      name,
      status: 'paused',
      total_leads: leads,
      stats: { pending: leads },
      created_at: '2026-01-31T10:00:00Z',
      reason,
      occurrence: String(this.#pauses),
      webhook_url,
      webhook_events: ['campaign.paused'],
      secret_ref: 'main',
    });
  }

  /** Sends what has failed again, and says how many there were. */
  async sendFailedAgain() {
    let count = 0;
    for await (const { handle } of this.#webhooks.find({ state: 'failed' })) {
      await handle.redeliver();
      count += 1;
    }
    return count;
  }
}

module.exports = { Dialer };

/** A small call engine. Its outbox is a list here; in production it is a table, see embed-in-call-engine. */

/** @typedef {import('@topcalls/webhooks/client').CallEnded} CallEnded */

/** Codes of reports that can never be accepted, however often they are made. */
const NEVER_ACCEPTED = new Set(['invalid_input', 'input_too_large', 'id_of_another_account']);

export class Engine {
  /** Reports that are still to be made. @type {CallEnded[]} */
  outbox = [];
  /** Reports that a person has to look at. @type {{ report: CallEnded, problem: string }[]} */
  broken = [];
  #webhooks;

  /** @param {{ webhooks: import('@topcalls/webhooks/client').WebhookClient }} parts */
  constructor({ webhooks }) {
    this.#webhooks = webhooks;
  }

  /** A call is over. Its customer's settings go along. @param {CallEnded} call */
  async endCall(call) {
    this.outbox.push(call);
    await this.flush();
  }

  /** Makes the reports of the outbox. A report stays there until it is made; a timer calls this again. */
  async flush() {
    for (let [report] = this.outbox; report !== undefined; [report] = this.outbox) {
      const problem = await this.#report(report);
      if (problem === 'later') return;
      if (problem !== undefined) this.broken.push({ report, problem });
      this.outbox.shift();
    }
  }

  /** What support sees of a call's webhook. @param {string} callId */
  async webhookOf(callId) {
    const { state, deliveries } = await this.#webhooks.call(callId).status();
    return { state, attempts: deliveries.flatMap(({ attempts }) => attempts).length };
  }

  /** Support stops a webhook. @param {string} callId @param {string} reason */
  stopWebhook(callId, reason) {
    return this.#webhooks.call(callId).cancel({ reason });
  }

  /** @param {CallEnded} report @returns {Promise<string | undefined>} */
  async #report(report) {
    try {
      await this.#webhooks.callEnded(report);
      return undefined;
    } catch (/** @type {any} */ error) {
      return NEVER_ACCEPTED.has(error.code) ? error.message : 'later';
    }
  }
}

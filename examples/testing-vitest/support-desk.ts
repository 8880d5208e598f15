/** What the support desk of a call engine shows and does. */
import { WebhookNotFoundError, type WebhookClient } from '@topcalls/webhooks/client';

export type Row = { readonly callId: string; readonly state: string; readonly next?: string; readonly last?: string };

export class SupportDesk {
  readonly #webhooks: WebhookClient;

  constructor(webhooks: WebhookClient) {
    this.#webhooks = webhooks;
  }

  /** One line of the screen. */
  async row(callId: string): Promise<Row> {
    try {
      const { state, deliveries } = await this.#webhooks.call(callId).status();
      const [delivery] = deliveries;
      const last = delivery?.attempts.at(-1)?.code;
      const next = delivery?.nextAttemptAt;
      return { callId, state, ...(next !== undefined && { next }), ...(last !== undefined && { last }) };
    } catch (error) {
      if (error instanceof WebhookNotFoundError) return { callId, state: 'no webhook' };
      throw error;
    }
  }

  /** The button "try again": it hurries what waits, and sends again what has ended. */
  async tryAgain(callId: string): Promise<'hurried' | 'sent again'> {
    const handle = this.#webhooks.call(callId);
    if ((await handle.retryNow()).accepted) return 'hurried';
    await handle.redeliver();
    return 'sent again';
  }

  /** The button "test this endpoint": says how the test ended. */
  async testEndpoint(webhook_url: string, accountId: string): Promise<string> {
    const handle = await this.#webhooks.test({ webhook_url, account_id: accountId });
    return (await handle.result({ timeoutMs: 30_000 })).state;
  }
}

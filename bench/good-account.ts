/** An account whose receiver answers at once. How late its webhooks are tells what others do to it. */
import { setTimeout as delay } from 'node:timers/promises';
import { aFailedCall } from '../test/support/builders.ts';
import type { Receiver } from '../test/support/receiver.ts';
import type { Stage } from '../test/support/stage.ts';
import { medianOf, percentileOf } from './median.ts';

/** Calls per second. */
const GOOD_PER_SECOND = 4;

/** Reports calls at an even pace, and tells how late their POSTs were. */
export class GoodAccount {
  readonly #reported = new Map<string, number>();
  readonly #report: () => Promise<unknown>;
  readonly #receiver: Receiver;

  constructor(stage: Stage, taskQueue: string, receiver: Receiver) {
    const webhooks = stage.webhooksWith({ taskQueue, eagerDelivery: true });
    this.#receiver = receiver;
    this.#report = async () => {
      const call = aFailedCall({ webhook_url: receiver.url, account_id: 'acct_good', secret_ref: 'main' });
      this.#reported.set(call.call_id, Date.now());
      await webhooks.callEnded(call);
    };
  }

  /** Resolves once all have arrived, with ms from report to POST. */
  async report(seconds: number): Promise<readonly number[]> {
    const before = this.#reported.size;
    for (let count = 0; count < seconds * GOOD_PER_SECOND; count += 1) {
      void this.#report();
      await delay(1_000 / GOOD_PER_SECOND);
    }
    await this.#receiver.received(this.#reported.size);
    return this.#receiver.requests.slice(before).map(({ at, body }) => {
      const { call_id } = JSON.parse(body) as { call_id: string };
      return at - (this.#reported.get(call_id) ?? Number.NaN);
    });
  }
}

/** Of ms from report to POST. */
export function latenessOf(values: readonly number[]) {
  return { p50: medianOf(values), p99: percentileOf(values, 0.99), max: Math.max(...values) };
}

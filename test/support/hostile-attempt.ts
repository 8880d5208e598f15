/** One attempt of the real sender at a hostile receiver, with short deadlines. */
import { LOOPBACK_EGRESS, parseEgressOptions } from '../../contract/egress-policy.ts';
import { createWebhookSender } from '../../activities/http/post.ts';
import type { PostResult, WebhookSender, WebhookSenderOptions } from '../../activities/http/post.ts';
import { startReceiver } from './hostile-receiver.ts';
import type { Behaviour } from './hostile-receiver.ts';

/** Deadlines of an attempt, in milliseconds. */
export type Timing = Pick<WebhookSenderOptions, 'deadlineMs' | 'phases'>;

/** A sender that may talk to loopback over http; 2 s for an attempt unless told otherwise. */
export function loopbackSender(timing: Timing = {}): WebhookSender {
  return createWebhookSender({ policy: parseEgressOptions(LOOPBACK_EGRESS), deadlineMs: 2_000, ...timing });
}

/** Posts once to a receiver that behaves like this. Rejects where that took more than one connection, or where one is
 *  still open afterwards. */
export async function attemptAt(behave: Behaviour, timing: Timing = {}, body = '{"a":1}'): Promise<PostResult> {
  const receiver = await startReceiver(behave);
  try {
    const url = `http://127.0.0.1:${receiver.port}/hook`;
    const result = await loopbackSender(timing).post({ url, headers: {}, body });
    await receiver.allClosed();
    if (receiver.connections() !== 1) throw new Error(`${receiver.connections()} connections for one attempt`);
    return result;
  } finally {
    await receiver.stop();
  }
}

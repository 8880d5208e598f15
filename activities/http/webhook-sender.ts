/**
 * The webhook sender: URL rules first, then one POST. The delivery activity calls it; it never throws. Every attempt
 * has a dispatcher of its own. No connection is pooled, kept alive or shared, and the end of the attempt ends its
 * socket.
 */
import { judgeWebhookUrl } from '../../contract/egress/url-rules.ts';
import { createResolve } from './resolve.ts';
import type { Resolve } from './resolve.ts';
import { postOnce } from './post-once.ts';
import type { PostRequest, SendResult, SendSettings } from './post-once.ts';

/** Result of one POST, and how long it took from the URL rules to the last byte read. */
export type PostResult = SendResult & { readonly durationMs: number };

/** Options of `createWebhookSender`. `resolve` turns names into addresses; the default asks the name servers of the
 *  operating system, within 2 s. Its answers are judged like any other. */
export type WebhookSenderOptions = Omit<SendSettings, 'resolve'> & { readonly resolve?: Resolve };

/** Sends webhooks. A worker makes one. */
export type WebhookSender = {
  /** One attempt. Never rejects: every failure is a result. */
  post(request: PostRequest): Promise<PostResult>;
};

/** A sender for one egress policy.
 *  const sender = createWebhookSender({ policy: DEFAULT_EGRESS_POLICY });
 *  const result = await sender.post({ url, headers, body }); */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const settings = { ...options, resolve: options.resolve ?? createResolve() };
  return {
    async post(request) {
      const startedAt = performance.now();
      const result = await judgeAndSend(request, settings);
      return { ...result, durationMs: Math.round(performance.now() - startedAt) };
    },
  };
}

async function judgeAndSend(request: PostRequest, settings: SendSettings): Promise<SendResult> {
  const verdict = judgeWebhookUrl(request.url, settings.policy);
  if (!verdict.ok) return { outcome: 'refused', code: verdict.code, responseBytes: 0 };
  // The href and not the text: what was judged is what is sent to.
  return postOnce({ ...request, url: verdict.href }, settings);
}

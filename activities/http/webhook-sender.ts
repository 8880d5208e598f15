/**
 * The webhook sender: URL rules first, then one POST. The delivery activity calls it; it never throws. Every attempt
 * has a dispatcher of its own. No connection is pooled, kept alive or shared, and the end of the attempt ends its
 * socket.
 */
import type { EgressPolicy } from '../../contract/egress/policy.ts';
import { judgeWebhookUrl } from '../../contract/egress/url-rules.ts';
import type { IsOwn } from './own-addresses.ts';
import { createResolve } from './resolve.ts';
import type { Resolve } from './resolve.ts';
import { postOnce } from './post-once.ts';
import type { PostRequest, SendResult, SendSettings } from './post-once.ts';

/** Result of one POST, and how long it took from the URL rules to the last byte read. */
export type PostResult = SendResult & { readonly durationMs: number };

/** Options of `createWebhookSender`. */
export type WebhookSenderOptions = {
  /** Where webhooks may go; from `parseEgressOptions`. */
  readonly policy: EgressPolicy;
  /** Names to addresses. Default: the name servers of the operating system, 2 s. Its answers are judged like any
   *  other. */
  readonly resolve?: Resolve;
  /** Certificate authority that is trusted instead of node's, PEM; for tests. */
  readonly ca?: string;
  /** Addresses of this machine, read for each connection; for tests. Default: those of the operating system. */
  readonly own?: () => IsOwn;
  /** Milliseconds for the whole attempt, DNS to the last byte read. Default 15000. */
  readonly deadlineMs?: number;
  /** Milliseconds per phase: DNS to TLS (default 5000), request to status line (10000), silence in the body (5000). */
  readonly phases?: { readonly connectMs?: number; readonly headersMs?: number; readonly bodyIdleMs?: number };
  /** Sees what is read of an answer's body; only `send-test` sets it. */
  readonly onAnswerBody?: (chunk: Uint8Array) => void;
};

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

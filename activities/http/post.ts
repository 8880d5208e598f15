/**
 * One POST to one receiver, from URL rules to verdict-ready result. The delivery activity calls it; it never throws, keeps
 * nothing of the answer but status, size and media type, and leaves no socket behind. Every attempt has a dispatcher of
 * its own: nothing is pooled, kept alive or shared between customers, and ending the attempt ends its socket.
 * Not fetch(): it follows redirects, and a redirect would leave the address guard behind. Proxy variables are not read.
 */
import { Agent, request } from 'undici';
import type { EgressPolicy } from '../../contract/egress-policy.ts';
import {
  ATTEMPT_DEADLINE_MS,
  BODY_IDLE_MS,
  CONNECT_DEADLINE_MS,
  HEADERS_DEADLINE_MS,
  MAX_INFORMATIONAL_RESPONSES,
  MAX_RESPONSE_BYTES,
  MAX_RESPONSE_HEADER_BYTES,
} from '../../contract/limits.ts';
import { judgeWebhookUrl } from '../../contract/webhook-url.ts';
import { AttemptEndedError, failureOf } from './failure-code.ts';
import { guardedConnector } from './guarded-connector.ts';
import { countBodyBytes, mediaType, retryAfterMs } from './read-answer.ts';
import { createResolve } from './resolve.ts';
import type { Resolve } from './resolve.ts';

/** What is sent. `body` is sent byte for byte; Host, Content-Length and `Connection: close` are added. */
export type PostRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

/** What one POST came to. */
export type PostResult = {
  /** `delivered`: a 2xx status line. `http`: another status. `refused`: our own rules forbade it, nothing was sent. */
  readonly outcome: 'delivered' | 'http' | 'network' | 'timeout' | 'refused';
  /** Stable reason code: `http_503`, `timeout_headers`, `connect_refused`, a URL rule's code; see docs/errors.md. */
  readonly code: string;
  readonly status?: number;
  /** `Retry-After` of a 429 or 503 in milliseconds, uncapped. */
  readonly retryAfterMs?: number;
  /** Bytes of the answer's body that were read, at most 65536. */
  readonly responseBytes: number;
  /** Media type of the answer without parameters; absent unless it is a plain token. */
  readonly contentType?: string;
  readonly durationMs: number;
};

/** Options of `createWebhookSender`. */
export type WebhookSenderOptions = {
  /** Where webhooks may go; from `parseEgressOptions`. */
  readonly policy: EgressPolicy;
  /** Names to addresses. Default: the name servers of the operating system, 2 s. Its answers are judged like any other. */
  readonly resolve?: Resolve;
  /** Further trusted certificate authority, PEM; for tests. */
  readonly ca?: string;
  /** Milliseconds for the whole attempt, DNS to the last byte read. Default 15000. */
  readonly deadlineMs?: number;
  /** Milliseconds per phase: DNS to TLS (default 5000), request to status line (10000), silence in the body (5000). */
  readonly phases?: { readonly connectMs?: number; readonly headersMs?: number; readonly bodyIdleMs?: number };
};

/** Sends webhooks; made once per worker. */
export type WebhookSender = {
  /** One attempt. Never rejects: whatever happens is a result. */
  post(request: PostRequest): Promise<PostResult>;
  /** Waits for attempts in flight; later posts end as `network` / `sender_closed`, unsent. */
  close(): Promise<void>;
};

/** A sender for one egress policy.
 *  const sender = createWebhookSender({ policy: DEFAULT_EGRESS_POLICY });
 *  const result = await sender.post({ url, headers, body }); */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const inFlight = new Set<Promise<PostResult>>();
  const resolve = options.resolve ?? createResolve();
  let closed = false;
  return {
    async post(request) {
      const startedAt = performance.now();
      const attempt = closed ? Promise.resolve(SENDER_CLOSED) : postOnce(request, { ...options, resolve });
      inFlight.add(attempt);
      try {
        return { ...(await attempt), durationMs: Math.round(performance.now() - startedAt) };
      } finally {
        inFlight.delete(attempt);
      }
    },
    async close() {
      closed = true;
      await Promise.all(inFlight);
    },
  };
}

const SENDER_CLOSED: PostResult = { outcome: 'network', code: 'sender_closed', responseBytes: 0, durationMs: 0 };

type Settings = WebhookSenderOptions & { readonly resolve: Resolve };

async function postOnce({ url, headers, body }: PostRequest, settings: Settings): Promise<PostResult> {
  const verdict = judgeWebhookUrl(url, settings.policy);
  if (!verdict.ok) return { outcome: 'refused', code: verdict.code, responseBytes: 0, durationMs: 0 };
  const ending = new AbortController();
  const onDeadline = (): void => ending.abort(new AttemptEndedError('timeout_total'));
  const timer = setTimeout(onDeadline, settings.deadlineMs ?? ATTEMPT_DEADLINE_MS);
  const agent = createAgent(settings, ending.signal);
  let informational = 0;
  const onInfo = (): void => {
    informational += 1;
    if (informational > MAX_INFORMATIONAL_RESPONSES) ending.abort(new AttemptEndedError('informational_flood'));
  };
  try {
    const { signal } = ending;
    // reset: says `Connection: close`, so the receiver does not wait for a second request.
    const answer = await request(verdict.href, {
      dispatcher: agent,
      method: 'POST',
      headers,
      body,
      signal,
      onInfo,
      reset: true,
    });
    // Errors of a body nobody reads any more would otherwise be uncaught.
    answer.body.on('error', () => undefined);
    const responseBytes = await countBodyBytes(answer.body, MAX_RESPONSE_BYTES);
    return resultOf(answer.statusCode, answer.headers, responseBytes);
  } catch (error) {
    return { ...failureOf(error), responseBytes: 0, durationMs: 0 };
  } finally {
    clearTimeout(timer);
    // The agent knows of connected sockets only; the signal also ends a name that resolves and a socket that connects.
    ending.abort();
    await agent.destroy();
  }
}

function createAgent({ policy, resolve, ca, phases = {} }: Settings, signal: AbortSignal): Agent {
  const connectMs = phases.connectMs ?? CONNECT_DEADLINE_MS;
  return new Agent({
    connect: guardedConnector({ policy, resolve, signal, connectMs, ...(ca === undefined ? {} : { ca }) }),
    connections: 1,
    // 0 also switches keep-alive off.
    pipelining: 0,
    allowH2: false,
    headersTimeout: phases.headersMs ?? HEADERS_DEADLINE_MS,
    bodyTimeout: phases.bodyIdleMs ?? BODY_IDLE_MS,
    maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
  });
}

type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

function resultOf(status: number, headers: AnswerHeaders, responseBytes: number): PostResult {
  // The parser takes any three digits; what is no HTTP status is no answer.
  if (status > 599) return { outcome: 'network', code: 'protocol_error', responseBytes, durationMs: 0 };
  const hint = status === 429 || status === 503 ? retryAfterMs(headers['retry-after'], Date.now()) : undefined;
  const contentType = mediaType(headers['content-type']);
  return {
    outcome: status >= 200 && status <= 299 ? 'delivered' : 'http',
    code: `http_${status}`,
    status,
    ...(hint === undefined ? {} : { retryAfterMs: hint }),
    responseBytes,
    ...(contentType === undefined ? {} : { contentType }),
    durationMs: 0,
  };
}

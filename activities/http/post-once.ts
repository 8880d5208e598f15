/**
 * One POST on one connection of its own, below the URL rules. webhook-sender.ts judges the URL and calls this; tests
 * call it to show that the connector alone refuses every forbidden address. No door exports it. Never rejects, keeps
 * nothing of the answer but status, size and media type, and leaves no socket behind.
 * Not fetch(): it follows redirects, and a redirect would leave the address guard behind. Proxy variables are not read.
 */
import { Client, request } from 'undici';
import type { buildConnector } from 'undici';
import type { EgressPolicy } from '../../contract/egress/policy.ts';
import { given } from '../../contract/given.ts';
import {
  ATTEMPT_DEADLINE_MS,
  BODY_IDLE_MS,
  CONNECT_DEADLINE_MS,
  HEADERS_DEADLINE_MS,
  MAX_ANSWER_LINES,
  MAX_ANSWER_WIRE_BYTES,
  MAX_INFORMATIONAL_RESPONSES,
  MAX_REQUEST_HEADER_CHARS,
  MAX_RESPONSE_BYTES,
  MAX_RESPONSE_HEADER_BYTES,
} from './attempt-bounds.ts';
import { AttemptEndedError, failureOf } from './failure-code.ts';
import { guardedConnector } from './guarded-connector.ts';
import { mediaType, retryAfterMs } from './answer-headers.ts';
import type { HeaderValue } from './answer-headers.ts';
import { countBodyBytes, limitReading, readInPieces } from './answer-limits.ts';
import type { IsOwn } from './own-addresses.ts';
import type { Resolve } from './resolve.ts';
import { readStatusLine } from './status-line.ts';
import type { StatusLine } from './status-line.ts';
import { untraced } from './untraced.ts';

/** The request. `body` is sent byte for byte; Host, Content-Length and `Connection: close` are added. */
export type PostRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

/** Result of one POST. */
export type SendResult = {
  /** `delivered`: a 2xx status line. `http`: another status. `refused`: our own rules forbade it and nothing was
   *  sent. `not_sent`: nothing was sent, because too many handshakes of ours were in progress. */
  readonly outcome: 'delivered' | 'http' | 'network' | 'timeout' | 'refused' | 'not_sent';
  /** Stable reason code: `http_503`, `timeout_headers`, `connect_refused`, a URL rule's code; see docs/errors.md. */
  readonly code: string;
  readonly status?: number;
  /** `Retry-After` of a 429 or 503 in milliseconds, uncapped. */
  readonly retryAfterMs?: number;
  /** Bytes of the answer's body that were read, at most 65536. */
  readonly responseBytes: number;
  /** Media type of the answer without parameters; absent unless it is a plain token. */
  readonly contentType?: string;
};

/** Settings of all attempts of a sender. */
export type SendSettings = {
  /** Where webhooks may go; from `parseEgressOptions`. */
  readonly policy: EgressPolicy;
  readonly resolve: Resolve;
  /** Certificate authority that is trusted instead of node's, PEM; for tests. */
  readonly ca?: string;
  /** Addresses of this machine, read for each connection; for tests. Default: those of the operating system. */
  readonly own?: () => IsOwn;
  /** Milliseconds for the whole attempt, DNS to the last byte read. Default 15000. */
  readonly deadlineMs?: number;
  /** Milliseconds per phase: DNS to TLS (default 5000), request to status line (10000), silence in the body (5000). */
  readonly phases?: { readonly connectMs?: number; readonly headersMs?: number; readonly bodyIdleMs?: number };
  /** Sees what is read of an answer's body. Only `send-test` sets it, for a developer who tries out a receiver. A
   *  worker never does: answers are hostile data and are not kept. */
  readonly onAnswerBody?: (chunk: Uint8Array) => void;
};

/** Sends to `url` as it is. The connector still judges every address. The caller must have checked what the URL rules
 *  forbid beyond that: scheme, port, userinfo, special names. */
export async function postOnce({ url, headers, body }: PostRequest, settings: SendSettings): Promise<SendResult> {
  const headerChars = Object.values(headers).reduce((sum, value) => sum + value.length, 0);
  if (headerChars > MAX_REQUEST_HEADER_CHARS) return { outcome: 'network', code: 'request_invalid', responseBytes: 0 };
  const ending = new AbortController();
  const { signal } = ending;
  const end = (code: AttemptEndedError['code']): void => ending.abort(new AttemptEndedError(code));
  let isQueued = false;
  const onDeadline = (): void => end(isQueued ? 'timeout_tls_queue' : 'timeout_total');
  const timer = setTimeout(onDeadline, settings.deadlineMs ?? ATTEMPT_DEADLINE_MS);
  // After a status line this changes nothing: the status has decided, and reading just stops.
  const line = readStatusLine();
  const onFlood = (): void => end('headers_too_large');
  const onQueue = (isWaiting: boolean): void => void (isQueued = isWaiting);
  let client: Client | undefined;
  let firstError: unknown;
  const onError = (error: unknown): void => void (firstError ??= error);
  let informational = 0;
  const onInfo = (): void => {
    informational += 1;
    if (informational > MAX_INFORMATIONAL_RESPONSES) end('informational_flood');
  };
  try {
    client = createClient(url, settings, { signal, line, onFlood, onQueue, onError });
    // reset: says `Connection: close`, so the receiver does not wait for a second request.
    const sending = { dispatcher: client, method: 'POST', headers, body, signal, onInfo, reset: true } as const;
    const answer = await untraced(() => request(url, sending));
    // Without a listener, an error of a body that is no longer read would be uncaught.
    answer.body.on('error', () => undefined);
    const { onAnswerBody: onChunk } = settings;
    const read = onChunk === undefined ? answer.body : shown(answer.body, onChunk);
    const responseBytes = await countBodyBytes(read, MAX_RESPONSE_BYTES);
    return resultOf(line.status, answer.headers, responseBytes);
  } catch (error) {
    if (line.status === undefined) return failed(error, firstError, line);
    return resultOf(line.status, refusedHeaders(error, line), 0);
  } finally {
    clearTimeout(timer);
    // The client knows connected sockets only. The signal also ends a resolver at work, and a socket that still
    // connects.
    ending.abort(ENDED);
    await client?.destroy(ENDED);
  }
}

/** The reason of what is ended after an attempt. Nobody reads it. One for all: node and undici would make errors of
 *  their own for each attempt, and a stack for each. */
const ENDED = new Error('the attempt has ended');

async function* shown(
  body: AsyncIterable<Uint8Array>,
  onChunk: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    onChunk(chunk);
    yield chunk;
  }
}

/** What the parts of one attempt share: the signal that ends it, the reader of its answer, and the end at a flood. */
type Attempt = {
  readonly signal: AbortSignal;
  readonly line: StatusLine;
  readonly onFlood: () => void;
  readonly onQueue: (isWaiting: boolean) => void;
  readonly onError: (error: unknown) => void;
};

/** Not an agent, which would make the same client behind a table of origins. */
function createClient(url: string, settings: SendSettings, attempt: Attempt): Client {
  const { policy, resolve, ca, own, phases = {} } = settings;
  const connectMs = phases.connectMs ?? CONNECT_DEADLINE_MS;
  const { signal, onQueue } = attempt;
  const connect = guardedConnector({ policy, resolve, signal, connectMs, onQueue, ...given({ ca, own }) });
  return new Client(new URL(url).origin, {
    connect: readingLimited(connect, attempt),
    // 0 also switches keep-alive off.
    pipelining: 0,
    allowH2: false,
    headersTimeout: phases.headersMs ?? HEADERS_DEADLINE_MS,
    bodyTimeout: phases.bodyIdleMs ?? BODY_IDLE_MS,
    // undici refuses a block that reaches its bound.
    maxHeaderSize: MAX_RESPONSE_HEADER_BYTES + 1,
  });
}

/** undici bounds header fields, and bodies are bounded by `countBodyBytes`. Everything else has only these bounds. */
function readingLimited(
  connect: buildConnector.connector,
  { line, onFlood, onError }: Attempt,
): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...connected) => {
      const [, socket] = connected;
      if (socket !== null) {
        socket.on('error', onError);
        limitReading(socket, MAX_ANSWER_WIRE_BYTES, onFlood);
        const take = (piece: Buffer): Buffer => line.take(piece);
        readInPieces(socket, { maxLines: MAX_ANSWER_LINES, onExceeded: onFlood, take });
      }
      callback(...connected);
    });
}

type AnswerHeaders = Readonly<Record<string, HeaderValue>>;

/** An attempt without a final status line. After its handshake a TLS connection ends by an alert and then by its close,
 *  and undici tells the last of both. The alert says why: in TLS 1.3 a missing client certificate is told so. */
function failed(error: unknown, firstError: unknown, line: StatusLine): SendResult {
  const last = failureOf(error);
  const isCut = last.code === 'connection_closed' || last.code === 'connection_reset';
  const failure = isCut && firstError !== undefined ? failureOf(firstError) : last;
  // A receiver that says only "continue" misunderstands us; it is not slow.
  if (line.isContinued && failure.outcome === 'timeout')
    return { outcome: 'network', code: 'protocol_error', responseBytes: 0 };
  return { ...failure, responseBytes: 0 };
}

/** What is read of an answer that undici refused. Only a receiver that closes the connection has ended its answer. */
function refusedHeaders(error: unknown, line: StatusLine): AnswerHeaders {
  const isEnded = failureOf(error).code === 'connection_closed';
  const read = (name: string): HeaderValue => line.fieldOf(name, isEnded);
  return { 'retry-after': read('retry-after'), 'content-type': read('content-type') };
}

/** `status` decides, whatever came after its line: undici may have refused all of that. */
function resultOf(status: number | undefined, headers: AnswerHeaders, responseBytes: number): SendResult {
  // A number that is no status, 101 (we never ask to switch), or an answer that only undici takes for one (HTTP/2.0).
  if (status === undefined || status < 200 || status > 599)
    return { outcome: 'network', code: 'protocol_error', responseBytes };
  const hint = status === 429 || status === 503 ? retryAfterMs(headers['retry-after'], Date.now()) : undefined;
  const contentType = mediaType(headers['content-type']);
  return {
    outcome: status >= 200 && status <= 299 ? 'delivered' : 'http',
    code: `http_${status}`,
    status,
    ...given({ retryAfterMs: hint }),
    responseBytes,
    ...given({ contentType }),
  };
}

/**
 * `receive`: verify, parse, deduplicate, handle and answer, without a framework. Adapters (`node-handler.ts`,
 * `web-handler.ts`) pass it a raw body and headers and send its answer. It answers 200 only after a handler has
 * succeeded, and never handles one webhook twice at the same time.
 */
import type { WebhookEvent } from '../contract/event-bodies.ts';
import { isEventName } from '../contract/event-types.ts';
import { given } from '../contract/given.ts';
import { bodyDigest } from '../signature/schemes.ts';
import { answerFor, fixFor } from './answers.ts';
import type { AnswerCode, ReceiverAnswer } from './answers.ts';
import { bodyBytes, isArrayBuffer } from './body-bytes.ts';
import type { RawBody } from './body-bytes.ts';
import { warnAtStart } from './console-log.ts';
import { handleOnce } from './handle-once.ts';
import type { Handling } from './handle-once.ts';
import type { Delivery, ReceiverLogLine, ReceiveOptions, UnknownEvent } from './receive-options.ts';
import { readReceiveOptions, type Settings } from './settings.ts';
import type { WebhookHeaders } from './read-headers.ts';
import { secretProblem } from './secret-at-start.ts';
import { rejected } from './rejections.ts';
import type { RejectedWebhook } from './rejections.ts';
import { verifyWebhook } from './verify-webhook.ts';
import type { VerifiedWebhook } from './verify-webhook.ts';

/** A request, in a form that any framework can provide. */
export type ReceiverRequest = {
  /** HTTP method. Default `POST`. Any other is answered 405. */
  readonly method?: string | undefined;
  /** As for `verifyWebhook`: node's headers, a Fetch `Headers`, or a plain object. */
  readonly headers: WebhookHeaders;
  /** The bytes or text as received. Null means an empty body. Anything else, such as a parsed body, is answered
   *  `body_not_raw` with the fix. */
  readonly body: RawBody | null | undefined;
};

/** A receiver. Make one per endpoint. */
export type WebhookReceiver = {
  /** A body of more bytes is answered 413. Adapters need not keep more than one byte above it. */
  readonly maxBodyBytes: number;
  /** Decides what to answer to one request. Resolves within `timeoutMs`; never rejects. */
  answer(request: ReceiverRequest): Promise<ReceiverAnswer>;
};

/** Makes a receiver. A handler runs once per webhook. The answer is 200 only after it has succeeded, or when the event
 *  has no handler. Throws RangeError for impossible bounds, and TypeError for unknown options or events. A missing
 *  secret does not throw, so that a build without the production environment still loads; `console.warn` tells of it,
 *  and requests are answered 500 with the fix. So is a malformed one.
 *  @example
 *  const receiver = receive({
 *    secret: process.env.WEBHOOK_SECRET,
 *    on: { 'call.completed': (call) => queue.add(call.call_id, call) },
 *  });
 *  app.post('/webhooks', nodeHandler(receiver)); */
export function receive(options: ReceiveOptions): WebhookReceiver {
  const settings = readReceiveOptions(options);
  const problem = secretProblem(settings.secrets, settings.verify.allowBodyOnlySignature === true);
  if (problem !== undefined) warnAtStart(problem);
  return {
    maxBodyBytes: settings.maxBodyBytes,
    async answer(request) {
      const startedAt = performance.now();
      const told = await outcomeOf(request, settings).catch(() => refusal(rejected('input_unreadable')));
      const fix = told.fix ?? fixFor(told.code);
      const answer = answerFor(told.code, fix, Math.ceil(settings.claimMs / 1000));
      log(settings, { ...told, status: answer.status, ...given({ fix }) }, startedAt);
      return answer;
    },
  };
}

type Told = Omit<ReceiverLogLine, 'durationMs' | 'status' | 'late'> & { readonly code: AnswerCode };

async function outcomeOf(request: ReceiverRequest, settings: Settings): Promise<Told> {
  const { method = 'POST', headers, body } = request;
  if (method !== 'POST') return { code: 'method_not_allowed' };
  const bytes = bodyBytes(body);
  if (bytes === undefined && isEmpty(body)) return { code: 'body_empty' };
  if (bytes !== undefined && bytes.length > settings.maxBodyBytes) return { code: 'body_too_large' };
  // Not left to verifyWebhook, which does not tell an empty body from a parsed one.
  if (bytes === undefined) return refusal(rejected('body_not_raw'));
  const verified = verifyWebhook(bytes, headers, settings.secrets, settings.verify);
  return verified.ok ? await handle(verified, bytes, settings) : refusal(verified);
}

function refusal({ code, fix }: RejectedWebhook): Told {
  return { code, fix };
}

async function handle(verified: VerifiedWebhook, body: Buffer, settings: Settings): Promise<Told> {
  const startedAt = performance.now();
  const { event, scheme, timestamp } = verified;
  // A body-only signature has no signed id. The body's digest serves: every attempt and redelivery sends the same
  // bytes.
  const id = verified.id ?? `body_${bodyDigest(body)}`;
  const handler = isEventName(event) ? settings.handlerOf(event) : settings.onUnknown;
  if (handler === undefined) return { code: 'ignored', id, event };
  // Added for handlers that branch on it: the vendor's sample names no event.
  const payload = { ...verified.payload, event };
  const call = (signal: AbortSignal): unknown =>
    handler(payload as WebhookEvent & UnknownEvent, {
      id,
      scheme,
      signal,
      ...given({ timestamp }),
    } satisfies Delivery);
  const told = (handling: Handling): Told => ({ ...handling, id, event });
  const onLate = (handling: Handling): void => log(settings, { ...told(handling), late: true }, startedAt);
  return told(await handleOnce(id, call, settings, onLate));
}

function isEmpty(body: unknown): boolean {
  return body === '' || body === null || ((ArrayBuffer.isView(body) || isArrayBuffer(body)) && body.byteLength === 0);
}

/** Writes one line. A log that throws must not change the answer. */
function log(settings: Settings, line: Omit<ReceiverLogLine, 'durationMs'>, startedAt: number): void {
  try {
    settings.log({ ...line, durationMs: Math.round(performance.now() - startedAt) });
  } catch {
    // Ignored: there is no other place to write to.
  }
}

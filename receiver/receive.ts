/**
 * `receive`: verify, parse, deduplicate, handle, acknowledge, with no framework. Adapters (`node-handler.ts`,
 * `web-handler.ts`) give it a raw body and headers and send what it answers. It acknowledges only what a handler has
 * taken, and never handles one webhook twice at once.
 */
import type { WebhookEvent } from '../contract/event-bodies.ts';
import { isEventName } from '../contract/event-types.ts';
import { given } from '../contract/given.ts';
import { bodyDigest } from '../signature/schemes.ts';
import { answerFor, fixFor } from './answers.ts';
import type { AnswerCode, ReceiverAnswer } from './answers.ts';
import { bodyBytes, isArrayBuffer } from './body-bytes.ts';
import type { RawBody } from './body-bytes.ts';
import { handleOnce } from './handle-once.ts';
import type { Handling } from './handle-once.ts';
import type { Delivery, ReceiverLogLine, ReceiveOptions, UnknownEvent } from './receive-options.ts';
import { readReceiveOptions, type Settings } from './settings.ts';
import type { WebhookHeaders } from './read-headers.ts';
import { rejected } from './rejections.ts';
import type { RejectedWebhook } from './rejections.ts';
import { verifyWebhook } from './verify-webhook.ts';
import type { VerifiedWebhook } from './verify-webhook.ts';

/** A request as any framework can tell it. */
export type ReceiverRequest = {
  /** Default `POST`. Anything else is answered 405. */
  readonly method?: string | undefined;
  /** As for `verifyWebhook`: node's, a Fetch `Headers`, or a plain object. */
  readonly headers: WebhookHeaders;
  /** The bytes or text as they came. Anything else, a parsed body too, is answered `body_not_raw` with the fix. */
  readonly body: RawBody | null | undefined;
};

/** A receiver; made once per endpoint. */
export type WebhookReceiver = {
  /** Bytes beyond which a body is answered 413; adapters need keep no more than one byte above it. */
  readonly maxBodyBytes: number;
  /** What to answer to one request. Resolves within `timeoutMs`; never rejects. */
  answer(request: ReceiverRequest): Promise<ReceiverAnswer>;
};

/** Makes a receiver. Handlers run once per webhook; an answer is 200 only after one succeeded, or where there is none for
 *  the event. Throws RangeError for bounds that cannot be, TypeError for a handler of an event that is none; a missing secret is answered 500 with the fix, so that a build
 *  without the environment of production still loads.
 *  @example
 *  const receiver = receive({
 *    secret: process.env.WEBHOOK_SECRET,
 *    on: { 'call.completed': (call) => queue.add(call.call_id, call) },
 *  });
 *  app.post('/webhooks', nodeHandler(receiver)); */
export function receive(options: ReceiveOptions): WebhookReceiver {
  const settings = readReceiveOptions(options);
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
  // Not left to verifyWebhook: an empty body was told apart above.
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
  // Without a signed id: the body's own digest, since every attempt and redelivery sends the same bytes.
  const id = verified.id ?? `body_${bodyDigest(body)}`;
  const handler = isEventName(event) ? settings.handlerOf(event) : settings.onUnknown;
  if (handler === undefined) return { code: 'ignored', id, event };
  // The vendor's sample names no event; handlers branch on it.
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
  return body === '' || ((ArrayBuffer.isView(body) || isArrayBuffer(body)) && body.byteLength === 0);
}

/** A log that throws must not turn an answer into another. */
function log(settings: Settings, line: Omit<ReceiverLogLine, 'durationMs'>, startedAt: number): void {
  try {
    settings.log({ ...line, durationMs: Math.round(performance.now() - startedAt) });
  } catch {
    // What it threw is the log's own trouble, and there is no other place to write.
  }
}

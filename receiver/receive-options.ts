/** Options of `receive`: their meaning and their defaults. Types only. */
import type { WebhookEvent, WebhookEventOf } from '../contract/event-bodies.ts';
import type { EventName } from '../contract/event-types.ts';
import type { AnswerCode } from './answers.ts';
import type { WebhookPayload } from './event-of.ts';
import type { SeenEvents } from './seen-events.ts';
import type { VerifyOptions } from './verify-webhook.ts';

/** What a handler gets besides the event. */
export type Delivery = {
  /** The same on every attempt and redelivery. It is the `webhook-id`. A body-only signature has no signed id, so
   *  there it is `body_` and the body's SHA-256. */
  readonly id: string;
  readonly scheme: 'standard' | 'body-only';
  /** When this attempt was made, in unix seconds. Absent with a body-only signature. */
  readonly timestamp?: number;
  /** Aborts at the deadline, `timeoutMs`. The handler's result still counts after that: the id stays claimed until it
   *  returns. */
  readonly signal: AbortSignal;
};

/** Handles one event. Return or resolve once the event is safely stored. Throw or reject to have it delivered
 *  again. */
export type EventHandler<Event> = (event: Event, delivery: Delivery) => unknown;

/** One handler for all events, or one per event. An event without a handler is answered 200 and dropped. */
export type EventHandlers =
  | EventHandler<WebhookEvent>
  | { readonly [Name in EventName]?: EventHandler<WebhookEventOf<Name>> | undefined };

/** An event that this version of the package does not know. */
export type UnknownEvent = WebhookPayload & { readonly event: string };

/** One log line per request: ids and codes. No body, header, secret or phone number. */
export type ReceiverLogLine = {
  readonly code: AnswerCode;
  /** HTTP status of the answer. Absent from a `late` line. */
  readonly status?: number;
  readonly id?: string;
  readonly event?: string;
  readonly durationMs: number;
  /** What to do about the problem, in a sentence or two. */
  readonly fix?: string;
  /** The error of the handler or of the store. */
  readonly error?: unknown;
  /** Marks a second line for one request: how a handler ended after the answer `handler_timeout`. */
  readonly late?: true;
};

/** Options of `receive`. */
export type ReceiveOptions = VerifyOptions & {
  /** The signing secret, or several during a rotation. Empty entries are skipped. */
  readonly secret: string | readonly (string | undefined)[] | undefined;
  /** The handlers. */
  readonly on: EventHandlers;
  /** Handles events that this version of the package does not know. Default: they are answered 200 and dropped. */
  readonly onUnknown?: EventHandler<UnknownEvent>;
  /** Where handled ids are stored. Default `memorySeenEvents()`, which is right for one process. */
  readonly seen?: SeenEvents;
  /** The largest body in bytes. Default 4 MiB. The sender's bodies reach 1.5 MiB. */
  readonly maxBodyBytes?: number;
  /** Milliseconds until the answer is sent. Default 8,000, since the sender waits 10 s. */
  readonly timeoutMs?: number;
  /** How long a process that died still holds an event, in ms. Default 50,000, just below the sender's first retry at
   *  one minute. Extended while a handler runs. It is also the `Retry-After` of a 503. */
  readonly claimMs?: number;
  /** Gets one line per request. Default: errors and wrong set-up go to `console.error`. Refused requests go to
   *  `console.warn`, with code and fix: one line a minute per code, and each time if the signature holds. */
  readonly log?: (line: ReceiverLogLine) => void;
};

/** Options of `receive`: what they mean and what they default to. Types only. */
import type { WebhookEvent, WebhookEventOf } from '../contract/event-bodies.ts';
import type { EventName } from '../contract/event-types.ts';
import type { AnswerCode } from './answers.ts';
import type { WebhookPayload } from './event-of.ts';
import type { SeenEvents } from './seen-events.ts';
import type { VerifyOptions } from './verify-webhook.ts';

/** What a handler learns beside the event. */
export type Delivery = {
  /** The same on every attempt and redelivery. The `webhook-id`; of a body-only signature, which has no signed id, `body_`
   *  and the body's SHA-256. */
  readonly id: string;
  readonly scheme: 'standard' | 'body-only';
  /** When this attempt was made, unix seconds; absent with a body-only signature. */
  readonly timestamp?: number;
  /** Aborted at the deadline. What the handler does after that still counts: the id stays claimed until it returns. */
  readonly signal: AbortSignal;
};

/** Takes one event. Return (or resolve) once it is safely stored; throw (or reject) to have it delivered again. */
export type EventHandler<Event> = (event: Event, delivery: Delivery) => unknown;

/** One handler for all events, or one per event; events without one are acknowledged and left. */
export type EventHandlers =
  | EventHandler<WebhookEvent>
  | { readonly [Name in EventName]?: EventHandler<WebhookEventOf<Name>> | undefined };

/** An event this version does not know. */
export type UnknownEvent = WebhookPayload & { readonly event: string };

/** One line per request. Ids and codes; no body, header, secret or phone number. */
export type ReceiverLogLine = {
  readonly code: AnswerCode;
  /** Absent from a `late` line. */
  readonly status?: number;
  readonly id?: string;
  readonly event?: string;
  readonly durationMs: number;
  /** What to do about it, in one sentence. */
  readonly fix?: string;
  /** What the handler or the store threw. */
  readonly error?: unknown;
  /** A second line: how a handler ended that was answered `handler_timeout`. */
  readonly late?: true;
};

/** Options of `receive`. */
export type ReceiveOptions = VerifyOptions & {
  /** The signing secret, or several during a rotation; empty entries are passed over. */
  readonly secret: string | readonly (string | undefined)[] | undefined;
  readonly on: EventHandlers;
  /** Default: acknowledged and left. For events that this version of the package does not know. */
  readonly onUnknown?: EventHandler<UnknownEvent>;
  /** Default `memorySeenEvents()`: right for one process. */
  readonly seen?: SeenEvents;
  /** Default 4 MiB. The sender's bodies reach 1.5 MiB. */
  readonly maxBodyBytes?: number;
  /** Default 8,000. Milliseconds until an answer: the sender waits 10 s for one. */
  readonly timeoutMs?: number;
  /** Default 50,000. Milliseconds after which a process that died no longer holds an event; below the sender's first
   *  retry, at one minute. Extended while a handler runs. Also the `Retry-After` of a 503. */
  readonly claimMs?: number;
  /** Default: what this server has to mend goes to `console.error`. Gets one line per request. */
  readonly log?: (line: ReceiverLogLine) => void;
};

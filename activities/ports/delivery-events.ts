/** Port: where the host is told that a delivery fails, has failed or recovers. Implemented by the host, or taken from
 *  ./adapters. Without it, runs cost nothing more. */
import type { DeliveryEvent } from '../../contract/delivery-event.ts';

/** The port. */
export type DeliveryEvents = {
  /** Takes one event. A throw, or no answer within 20 s, means that it was not taken: it is told again until it is,
   *  after 1 s, 4 s, 16 s, 64 s and so on, at most every 15 min. So it may come twice: act once on each `id`. Events
   *  of one delivery come one after the other. A kind that you do not know must be taken, too.
   *  `signal` aborts after the 20 s: pass it to what you ask, so that nothing hangs on. */
  notify(event: DeliveryEvent, options: NotifyOptions): Promise<void> | void;
};

/** What `notify` gets beside the event. */
export type NotifyOptions = {
  /** Aborts when the worker no longer waits for the answer. */
  readonly signal: AbortSignal;
};

/** A URL of the host's own. Each event is one signed POST there, made by the same means as webhooks. */
export type NotifyEndpoint = {
  /** The operator names it, so it may be `http:` and in a private network. Metadata services stay closed. */
  readonly url: string;
  /** The reference of its signing secret. Without it the POST is unsigned. */
  readonly secretRef?: string;
};

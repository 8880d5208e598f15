/** What a host is told about a delivery that fails, ends or recovers. Workflows make it, activities and adapters pass
 *  it on. Types only. */
import type { DeliveryState } from './delivery-state.ts';
import type { EventName } from './event-types.ts';

/** What happened to a delivery.
 *  - `delivery.failing`: its first attempt failed, and another one follows
 *  - `delivery.failed`: it ended as failed, gone or refused
 *  - `delivery.recovered`: it was failing and is delivered, or a redelivery has delivered it
 *  - `delivery.cancelled`: it was failing and was cancelled; nothing more follows */
export type DeliveryEventKind = 'delivery.failing' | 'delivery.failed' | 'delivery.recovered' | 'delivery.cancelled';

/** One thing to know about one delivery. It holds ids, a host name, codes and times. It holds no secret, phone number,
 *  transcript, body, URL path or query. */
export type DeliveryEvent = {
  /** The same each time this event is told: `<webhookId>-<cycle>-<runId>-<kind>`. Act once on each id. */
  readonly id: string;
  readonly kind: DeliveryEventKind;
  /** When the run learned of it, ISO 8601 UTC. It may be told much later. */
  readonly at: string;
  /** The webhook's own event, such as `call.completed`. */
  readonly event: EventName;
  readonly callId?: string;
  readonly campaignId?: string;
  readonly accountId?: string;
  readonly workflowId: string;
  readonly runId: string;
  /** 1 for the first run; each redelivery adds 1. */
  readonly cycle: number;
  readonly webhookId: string;
  readonly endpointId: string;
  /** Host name of the URL, never the URL itself. */
  readonly host: string;
  /** `retrying` for `delivery.failing`, else how the delivery ended. */
  readonly state: 'retrying' | DeliveryState;
  /** Reason code of the last failed attempt or of the end, such as `http_503`; see docs/errors.md. */
  readonly reason?: string;
  /** Attempts made so far. */
  readonly attempts: number;
  /** Attempts of the whole ladder. */
  readonly of: number;
  /** When the next attempt is due, ISO 8601 UTC. Only while it retries. */
  readonly nextAttemptAt?: string;
  /** When the run started, ISO 8601 UTC. */
  readonly startedAt: string;
};

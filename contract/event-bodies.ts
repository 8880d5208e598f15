/**
 * The bodies that receivers get, as a union that `event` tells apart. The receiver door hands them to handlers. Types
 * only, made from the schemas that are published, so that whoever imports them loads no zod.
 */
import type { CampaignEventName, EventName } from './event-types.ts';
import type { WebhookBodies } from './schemas/received-bodies.ts';

/** The body of the event `Name`. */
export type WebhookEventOf<Name extends EventName> = WebhookBodies[Name];

/** A call that took place. */
export type CallCompletedEvent = WebhookEventOf<'call.completed'>;

/** A call that did not come about. */
export type CallFailedEvent = WebhookEventOf<'call.failed'>;

/** A campaign started, paused, resumed, stopped or completed. */
export type CampaignUpdateEvent = WebhookEventOf<CampaignEventName>;

/** Sent on demand, to see that an endpoint is reached. */
export type WebhookTestEvent = WebhookEventOf<'webhook.test'>;

/** Every body this version knows; `event` tells which. */
export type WebhookEvent = WebhookEventOf<EventName>;

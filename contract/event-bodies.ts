/**
 * Types of the bodies that receivers get, as a union by `event`. The receiver door gives them to handlers. The types
 * come from the published schemas. They are types only, so importing them loads no zod.
 */
import type { CampaignEventName, EventName } from './event-types.ts';
import type { WebhookBodies } from './schemas/received-bodies.ts';

/** The body of the event `Name`. */
export type WebhookEventOf<Name extends EventName> = WebhookBodies[Name];

/** Body of `call.completed`. */
export type CallCompletedEvent = WebhookEventOf<'call.completed'>;

/** Body of `call.failed`. */
export type CallFailedEvent = WebhookEventOf<'call.failed'>;

/** Body of a `campaign.*` event: started, paused, resumed, stopped or completed. */
export type CampaignUpdateEvent = WebhookEventOf<CampaignEventName>;

/** Body of `webhook.test`, which is sent on request to test an endpoint. */
export type WebhookTestEvent = WebhookEventOf<'webhook.test'>;

/** Any body that this version knows. Its field `event` says which. */
export type WebhookEvent = WebhookEventOf<EventName>;

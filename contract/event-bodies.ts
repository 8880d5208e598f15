/**
 * The bodies that receivers get, as a union that `event` tells apart. The sending side renders them (`render-body.ts`),
 * the receiver door hands them to handlers; `schemas/event-bodies.ts` checks them. Types only.
 */
import type { TranscriptEntry } from './collected-artifacts.ts';
import type { ArtifactStatuses } from './delivery-state.ts';
import type { CampaignEventName, EventName } from './event-types.ts';

/** What both events of a call tell. Times are `YYYY-MM-DDThh:mm:ssZ`. Source: seed page, "Webhook Payload". */
export type CallBody = {
  readonly call_id: string;
  readonly phone_number: string;
  readonly from_phone_number: string;
  /** Free text, e.g. `completed`, `no-answer`; `status` is the one to branch on. */
  readonly call_status: string;
  /** Minutes: 10:30:05 to 10:32:35 is 2.5. */
  readonly duration: number;
  /** Empty where there is none; `artifacts.transcript` says why. */
  readonly transcript: readonly TranscriptEntry[];
  readonly recording_url: string | null;
  readonly call_summary: string | null;
  readonly answered_by: string | null;
  readonly campaign_id: string | null;
  readonly lead_id: string | null;
  readonly created_at: string;
  /** Null for a call that was never answered. */
  readonly started_at: string | null;
  readonly end_at: string | null;
  /** What was given when the call was created. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Absent from senders older than this field. */
  readonly artifacts?: ArtifactStatuses;
};

/** A call that took place. */
export type CallCompletedEvent = CallBody & { readonly event: 'call.completed'; readonly status: 'completed' };

/** A call that did not come about. */
export type CallFailedEvent = CallBody & {
  readonly event: 'call.failed';
  readonly status: 'failed';
  readonly error_message?: string | null;
};

/** What every event of a campaign tells. */
export type CampaignBody = {
  readonly campaign_id: string;
  readonly name: string;
  /** Free text, e.g. `running`. */
  readonly status: string;
  readonly total_leads: number;
  /** Leads by what became of them; adds up to `total_leads`. */
  readonly stats: Readonly<Record<string, number>>;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly end_at: string | null;
  /** Why it was paused or stopped. */
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Tells one pause from the next. */
  readonly occurrence: string | null;
};

/** A campaign started, paused, resumed, stopped or completed. */
export type CampaignUpdateEvent = {
  readonly [Name in CampaignEventName]: CampaignBody & { readonly event: Name };
}[CampaignEventName];

/** Sent on demand, to see that an endpoint is reached. */
export type WebhookTestEvent = CampaignBody & { readonly event: 'webhook.test' };

/** Every body this version knows; `event` tells which. */
export type WebhookEvent = CallCompletedEvent | CallFailedEvent | CampaignUpdateEvent | WebhookTestEvent;

/** The body of the event `Name`. */
export type WebhookEventOf<Name extends EventName> = Extract<WebhookEvent, { readonly event: Name }>;

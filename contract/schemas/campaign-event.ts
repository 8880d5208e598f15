/** A campaign event as the engine reports it, with the campaign's webhook settings. The client reads it. */

import type { CampaignEventName } from '../event-types.ts';
import { repairCampaignEvent, type RepairedCampaignEvent } from '../repairs/campaign.ts';
import { encodedId } from '../workflow-id.ts';
import { unlessRefused } from './invalid-input.ts';
import type { EndpointSettings } from './webhook-config.ts';

/** What `campaignEvent` takes. Unknown fields are ignored.
 *
 *  The types say what is right. What is wrong but readable is repaired and sent, with a warning. Only `event`,
 *  `campaign_id` and, for events that can happen again, `occurrence` are required. */
export type CampaignEvent = EndpointSettings & {
  /** What happened. `webhook.test` is sent on request, even to an endpoint that has not subscribed to it. */
  readonly event: CampaignEventName | 'webhook.test';
  /** Any text of 1 to 200 characters, unique across all accounts. */
  readonly campaign_id: string;
  /** Name of the campaign: at most 1,024 characters. */
  readonly name: string | null;
  /** Free text, such as `running`: at most 1,024 characters. */
  readonly status: string | null;
  /** Number of leads of the campaign: a count from 0 up. */
  readonly total_leads: number | null;
  /** Number of leads by outcome, such as `{ pending: 20, completed: 0, failed: 0 }`. Together they should be
   *  `total_leads`. */
  readonly stats: Readonly<Record<string, number>>;
  /** When the campaign was created: ISO 8601 with `Z` or an offset. Fractions of a second are cut off. */
  readonly created_at: string | null;
  /** When the campaign began: ISO 8601 with `Z` or an offset. */
  readonly started_at?: string | null | undefined;
  /** When the campaign ended: ISO 8601 with `Z` or an offset. */
  readonly end_at?: string | null | undefined;
  /** Why the campaign was paused or stopped. Free text, at most 1,024 characters. */
  readonly reason?: string | null | undefined;
  /** The customer's own data: a plain object. Receivers are promised at most 50 keys, 16 KiB as JSON and 20 levels.
   *  */
  readonly metadata?: unknown;
  /** Tells one pause from the next: any text of 1 to 200 characters. It must stay the same when the same pause is
   *  reported again. Required for paused, resumed, stopped and `webhook.test`. */
  readonly occurrence?: string | null | undefined;
  /** Id of the account: 1 to 200 characters. It is the default `secret_ref`, the key for fairness and a search
   *  attribute. */
  readonly account_id?: string | null | undefined;
};

/** A campaign event that was read: its data, repaired, what was changed about it, and the settings as they came. */
export type ReadCampaignEvent = Exclude<RepairedCampaignEvent, { readonly refusals: unknown }>;

/** Reads a reported campaign event. Throws `InvalidInputError` for what cannot be sent: no campaign id, no known
 *  event, or no occurrence where one is needed. */
export function readCampaignEvent(input: unknown): ReadCampaignEvent {
  return unlessRefused<ReadCampaignEvent>(repairCampaignEvent(input), (id) =>
    id === undefined ? 'campaign event' : `campaign event of ${encodedId(id)}`,
  );
}

/** The events that exist, and what each level of configuration gets by default. Pure data. */

/** Events of a call. Each call has exactly one of them, once. */
export const CALL_EVENTS = ['call.completed', 'call.failed'] as const;
/** Events of a campaign. */
export const CAMPAIGN_EVENTS = [
  'campaign.started',
  'campaign.completed',
  'campaign.paused',
  'campaign.resumed',
  'campaign.stopped',
] as const;
/** Every event name, in the order of the docs. */
export const EVENT_NAMES = [...CALL_EVENTS, ...CAMPAIGN_EVENTS, 'webhook.test'] as const;

export type CallEventName = (typeof CALL_EVENTS)[number];
export type CampaignEventName = (typeof CAMPAIGN_EVENTS)[number];
export type EventName = (typeof EVENT_NAMES)[number];

/** The level of a webhook configuration: a call, a campaign or the account. */
export type ConfigLevel = 'call' | 'campaign' | 'account';

/** What an endpoint without `webhook_events` gets: the events of the vendor's page. The list stays fixed, so that old
 *  receivers never get event types they do not know. An account's endpoint gets the same as a campaign's. */
export const DEFAULT_EVENTS: Readonly<Record<ConfigLevel, readonly EventName[]>> = {
  call: ['call.completed', 'call.failed'],
  campaign: ['campaign.started', 'campaign.completed', 'call.completed', 'call.failed'],
  account: ['campaign.started', 'campaign.completed', 'call.completed', 'call.failed'],
};

/** Whether `name` is one of `EVENT_NAMES`. */
export function isEventName(name: string): name is EventName {
  return (EVENT_NAMES as readonly string[]).includes(name);
}

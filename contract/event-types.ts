/** The event catalogue: which events exist, and what each level of configuration may subscribe to. Pure data. */

/** Events of a call; a call has exactly one of them, once. */
export const CALL_EVENTS = ['call.completed', 'call.failed'] as const;
/** Events of a campaign. */
export const CAMPAIGN_EVENTS = [
  'campaign.started',
  'campaign.completed',
  'campaign.paused',
  'campaign.resumed',
  'campaign.stopped',
] as const;
/** Every event name, in the order docs list them. */
export const EVENT_NAMES = [...CALL_EVENTS, ...CAMPAIGN_EVENTS, 'webhook.test'] as const;

export type CallEventName = (typeof CALL_EVENTS)[number];
export type CampaignEventName = (typeof CAMPAIGN_EVENTS)[number];
export type EventName = (typeof EVENT_NAMES)[number];

/** Where a webhook configuration stands: on a call, on a campaign, on the account. */
export type ConfigLevel = 'call' | 'campaign' | 'account';

/** What an endpoint without `webhook_events` gets. Fixed to the events of the vendor's page: later event types never
 *  surprise old receivers. An account's endpoint is offered the same as a campaign's. */
export const DEFAULT_EVENTS: Readonly<Record<ConfigLevel, readonly EventName[]>> = {
  call: ['call.completed', 'call.failed'],
  campaign: ['campaign.started', 'campaign.completed', 'call.completed', 'call.failed'],
  account: ['campaign.started', 'campaign.completed', 'call.completed', 'call.failed'],
};

/** Whether `name` is one of `EVENT_NAMES`. */
export function isEventName(name: string): name is EventName {
  return (EVENT_NAMES as readonly string[]).includes(name);
}

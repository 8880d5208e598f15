/**
 * Repairs a campaign event that has happened: what can be read is sent, and each change is told. It cannot be sent
 * without the campaign's id, without a known event, and, for an event that can happen again, without its
 * occurrence. Pure.
 */
import type { EndpointRefusal } from '../endpoints.ts';
import type { CampaignData } from '../event-data.ts';
import type { CampaignEventName } from '../event-types.ts';
import { given } from '../given.ts';
import { CAMPAIGN_FIELDS } from '../reported-fields.ts';
import { accountOf } from './account.ts';
import { metadataOf } from './data.ts';
import { countOf } from './numbers.ts';
import { notAnObject, promised, refusal, type Refused } from './promised.ts';
import { readFields, type RawFields } from './read-fields.ts';
import { RepairList, type Notice } from './repair-list.ts';
import { statsOf, tellSum } from './stats.ts';
import { idOf, optionalIdOf, shownWord, textOf } from './texts.ts';
import { timeOf } from './times.ts';
import { CAMPAIGN_EVENT_RULE, campaignEventOf } from './words.ts';

const SETTINGS = ['webhook_url', 'webhook_events', 'secret_ref'] as const;

const REPEATABLE: ReadonlySet<string> = new Set([
  'campaign.paused',
  'campaign.resumed',
  'campaign.stopped',
  'webhook.test',
]);

/** Whether `event` can happen to a campaign more than once, so that only an `occurrence` tells its reports apart. */
export function needsOccurrence(event: string): boolean {
  return REPEATABLE.has(event);
}

/** The settings of a campaign's endpoint, as they came. */
export type RawCampaignSettings = RawFields<(typeof SETTINGS)[number]>;

/** A repaired campaign event, or why it cannot be sent. */
export type RepairedCampaignEvent =
  | Refused
  | {
      readonly event: CampaignEventName | 'webhook.test';
      readonly campaign: CampaignData;
      readonly settings: RawCampaignSettings;
      readonly notices: readonly Notice[];
      /** The account id came, but cannot be used. Endpoints without a `secret_ref` end refused for it. */
      readonly accountRefusal?: EndpointRefusal;
    };

/** Reads and repairs a reported campaign event. It never throws, whatever came. */
export function repairCampaignEvent(input: unknown): RepairedCampaignEvent {
  const list = new RepairList();
  const raw = readFields(input, [...CAMPAIGN_FIELDS, ...SETTINGS], [], list);
  if (raw === undefined) return notAnObject(input);
  const id = idOf(raw.campaign_id, 'campaign_id', list);
  const event = campaignEventOf(raw.event, list);
  const occurrence = optionalIdOf(raw.occurrence, 'occurrence', list);
  const lacksOccurrence = event !== undefined && needsOccurrence(event) && occurrence === null;
  if ('problem' in id || event === undefined || lacksOccurrence) {
    const again = `${shownWord(raw.occurrence)}: required for ${event}, which can happen more than once`;
    const refusals = [
      ...(event === undefined ? [refusal('event', `${shownWord(raw.event)}: ${CAMPAIGN_EVENT_RULE}`, list)] : []),
      ...('problem' in id ? [refusal('campaign_id', id.problem, list)] : []),
      ...(lacksOccurrence ? [refusal('occurrence', `${again}; send an id of this one`, list)] : []),
    ];
    return { id: 'id' in id ? id.id : undefined, refusals };
  }
  const total_leads = promised(raw, 'total_leads', list, countOf);
  const stats = statsOf(raw.stats, list);
  tellSum(stats, total_leads, list);
  const account = accountOf(raw.account_id, list);
  const { webhook_url, webhook_events, secret_ref } = raw;
  return {
    event,
    campaign: {
      campaign_id: id.id,
      name: promised(raw, 'name', list, textOf),
      status: promised(raw, 'status', list, textOf),
      total_leads,
      stats,
      created_at: promised(raw, 'created_at', list, timeOf),
      started_at: timeOf(raw.started_at, 'started_at', list),
      end_at: timeOf(raw.end_at, 'end_at', list),
      reason: textOf(raw.reason, 'reason', list, { asJson: true }),
      metadata: metadataOf(raw.metadata, list),
      occurrence,
      account_id: account.id,
    },
    settings: { webhook_url, webhook_events, secret_ref },
    notices: list.notices,
    ...given({ accountRefusal: account.refusal }),
  };
}

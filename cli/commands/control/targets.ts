/** Which webhooks a command means: those named, or those found. */
import { endpointIdOf } from '../../../client/delivery-ids.ts';
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import type { WebhookClient } from '../../../client/webhook-client.ts';
import { CAMPAIGN_EVENTS, type CampaignEventName, type EventName } from '../../../contract/event-types.ts';
import { ID_PATTERN, ID_RULE } from '../../../contract/workflow-id.ts';
import { FINDABLE_STATES, type FindableState } from '../../../contract/schemas/find-filter.ts';
import type { ControlVerb } from './act.ts';
import { CliError, EXIT } from '../../process/exit.ts';

/** Webhooks by name, or what they have in common. */
export type Choice =
  | { readonly by: 'id'; readonly handlesOf: (webhooks: WebhookClient) => readonly WebhookHandle[] }
  | { readonly by: 'state'; readonly state: FindableState };

/** Options that choose: one state, and what narrows it. */
export type ChoiceOptions = Partial<Record<FindableState, boolean>> & {
  readonly campaign?: string;
  readonly account?: string;
  readonly event?: EventName;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  readonly force?: boolean;
};

const FILTERS = ['campaign', 'account', 'event', 'since', 'until', 'limit'] as const;

/** Reads arguments and options; throws CliError `bad_option` for what does not fit together. */
export function chosen(verb: ControlVerb, ids: readonly string[], options: ChoiceOptions): Choice {
  const state = FINDABLE_STATES.find((each) => options[each] === true);
  if (ids.length === 0) {
    if (state === undefined) {
      throw usage(`${verb} what? Name call ids, or choose by state; ${verb} --help shows both`);
    }
    if (state === 'delivered' && options.force !== true) {
      throw usage('--delivered sends again what arrived: add --force if that is meant');
    }
    return { by: 'state', state };
  }
  if (state !== undefined) throw usage(`ids and --${state} exclude each other: name webhooks, or choose them by state`);
  const filter = FILTERS.find((name) => options[name] !== undefined);
  if (filter !== undefined) throw usage(`--${filter} narrows a choice by state; with ids it has no meaning`);
  const makers = [...new Set(ids)].map(handleMaker);
  return { by: 'id', handlesOf: (webhooks) => makers.map((make) => make(webhooks)) };
}

/** `ep_…` as it is, a URL as its endpoint id. Throws CliError `bad_option`. */
export function endpointIdFrom(text: string): string {
  if (/^ep_[A-Za-z0-9_-]{12}$/.test(text)) return text;
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return endpointIdOf(text);
  // Not shown: it may be most of a URL with a token in it.
  throw usage('--endpoint must be an endpoint id (ep_ and 12 characters, see the run in the Web UI) or the whole URL');
}

/** A workflow id as the Web UI shows it, or a bare call id. Throws CliError `bad_option`. */
export function handleMaker(id: string): (webhooks: WebhookClient) => WebhookHandle {
  const [kind = '', ...rest] = id.split('/');
  const [campaignId = '', event = '', occurrence] = rest;
  if (kind === 'campaign-webhook' && rest.length <= 3 && rest.every(isId) && isCampaignEvent(event)) {
    return (webhooks) => webhooks.campaign(campaignId, event, occurrence);
  }
  const callId = kind === 'call-webhook' && rest.length === 1 ? (rest[0] ?? '') : id;
  if (isId(callId)) return (webhooks) => webhooks.call(callId);
  throw usage(
    `${JSON.stringify(id.slice(0, 80))} is no call id (${ID_RULE}) and no workflow id (call-webhook/<call_id>, campaign-webhook/<campaign_id>/<event>[/<occurrence>])`,
  );
}

function isCampaignEvent(text: string): text is CampaignEventName | 'webhook.test' {
  return text === 'webhook.test' || (CAMPAIGN_EVENTS as readonly string[]).includes(text);
}

function isId(text: string): boolean {
  return ID_PATTERN.test(text);
}

function usage(message: string): CliError {
  return new CliError('bad_option', EXIT.usage, message);
}

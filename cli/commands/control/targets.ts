/** Which webhooks a command means: named ones, or those with a state. */
import { endpointIdOf } from '../../../client/delivery-ids.ts';
import type { WebhookHandle } from '../../../client/webhook-handle.ts';
import type { WebhookClient } from '../../../client/webhook-client.ts';
import { CAMPAIGN_EVENTS, type EventName } from '../../../contract/event-types.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { ID_RULE, isId } from '../../../contract/workflow-id.ts';
import { FINDABLE_STATES, type FindableState } from '../../../contract/schemas/find-filter.ts';
import type { ControlVerb } from './request.ts';
import { given } from '../../../contract/given.ts';
import { readPasted } from '../pasted-id.ts';
import { usageError } from '../../process/exit.ts';
import { parseUrl } from '../../../contract/parse-url.ts';
import { stateKey, stateOption, type StateKey } from './state-option.ts';

/** Webhooks by name, or by what they have in common. */
export type Choice =
  | {
      readonly by: 'id';
      readonly handlesOf: (webhooks: WebhookClient) => readonly WebhookHandle[];
      /** Of an address of the Web UI that was pasted. */
      readonly namespace?: string;
    }
  | { readonly by: 'state'; readonly states: readonly FindableState[] };

/** Options that choose: states, and what narrows them. */
export type ChoiceOptions = Partial<Record<StateKey, boolean>> & {
  readonly campaign?: string;
  readonly account?: string;
  readonly event?: EventName;
  readonly since?: string;
  readonly until?: string;
  readonly startedSince?: string;
  readonly startedUntil?: string;
  readonly limit?: number;
  readonly endpoint?: string;
  /** Of `cancel` it is the reason to tell. Of the others it is reason codes that narrow. */
  readonly reason?: string;
  readonly force?: boolean;
  /** Nothing has to narrow the choice. */
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly namespace?: string;
};

/** They say whose webhooks are meant. */
const WHOSE = ['endpoint', 'account', 'campaign', 'event'] as const;
const TIMES = ['since', 'until', 'startedSince', 'startedUntil'] as const;
/** Options of a choice by state. A limit says how many, not whose or when, so it does not narrow. */
const OF_A_CHOICE = ['campaign', 'account', 'event', ...TIMES, 'limit'] as const;

/** Whether a choice by state takes webhooks of all customers: at most a time or a reason narrows it. */
export function isOfAll(options: ChoiceOptions): boolean {
  return WHOSE.every((name) => options[name] === undefined);
}

/** Reads arguments and options. Throws CliError `bad_option` for what does not fit together. */
export function chosen(verb: ControlVerb, ids: readonly string[], options: ChoiceOptions): Choice {
  const states = FINDABLE_STATES.filter((each) => options[stateKey(each)] === true);
  const [state] = states;
  if (ids.length === 0) {
    if (state === undefined) {
      throw usageError(`${verb} what? Name call ids, or choose by state; ${verb} --help shows both`);
    }
    if (states.includes('delivered') && options.force !== true) {
      throw usageError('--delivered sends again what arrived: add --force if you mean that');
    }
    refuseEverything(verb, states, options);
    return { by: 'state', states };
  }
  if (state !== undefined) {
    throw usageError(`ids and ${stateOption(state)} exclude each other: name webhooks, or choose them by state`);
  }
  const filter = OF_A_CHOICE.find((name) => options[name] !== undefined);
  if (filter !== undefined)
    throw usageError(`--${dashed(filter)} narrows a choice by state; leave it out when you name ids`);
  if (options.all === true) throw usageError('--all is for a choice by state; leave it out when you name ids');
  const pasted = ids.map(readPasted);
  const namespaces = new Set([options.namespace, ...pasted.map((each) => each.namespace)]);
  namespaces.delete(undefined);
  if (namespaces.size > 1)
    throw usageError(`these ids are of ${namespaces.size} namespaces: give those of one at a time`);
  const [namespace] = namespaces;
  const makers = [...new Set(pasted.map(({ id }) => id))].map(handleMaker);
  return { by: 'id', handlesOf: (webhooks) => makers.map((make) => make(webhooks)), ...given({ namespace }) };
}

/** A choice that nothing narrows takes every webhook of the namespace, of all customers. */
function refuseEverything(verb: ControlVerb, states: readonly FindableState[], options: ChoiceOptions): void {
  const reason = verb === 'cancel' ? undefined : options.reason;
  const isNarrowed = !isOfAll(options) || reason !== undefined || TIMES.some((name) => options[name] !== undefined);
  if (isNarrowed || options.all === true || options.dryRun === true) return;
  const asked = `${verb} ${states.map(stateOption).join(' ')}`;
  const ways = [...WHOSE, ...TIMES].map((name) => `--${dashed(name)}`).join(', ');
  throw usageError(
    `${asked} would touch all of them in the namespace: narrow it (${ways}), look with --dry-run, or add --all`,
  );
}

/** `startedSince` → `started-since`. */
function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The endpoint id of `ep_…` or of a whole URL. Throws CliError `bad_option`. */
export function endpointIdFrom(text: string): string {
  if (/^ep_[A-Za-z0-9_-]{12}$/.test(text)) return text;
  if (/^https?:\/\//i.test(text) && parseUrl(text) !== undefined) return endpointIdOf(text);
  // The text is not shown: it may be part of a URL with a token in it.
  const form = 'ep_ and 12 characters, see the run in the Web UI';
  throw usageError(`--endpoint must be an endpoint id (${form}) or the whole URL`);
}

/** Makes the handle of a workflow id as the Web UI shows it, or of a call id. Throws CliError `bad_option`. */
export function handleMaker(id: string): (webhooks: WebhookClient) => WebhookHandle {
  const [kind = '', ...rest] = id.split('/');
  if (kind === 'call-webhook' || kind === 'campaign-webhook') {
    if (!isWorkflowId(kind, rest)) throw noTarget(id);
    return (webhooks) => webhooks.withWorkflowId(id);
  }
  if (!isId(id)) throw noTarget(id);
  return (webhooks) => webhooks.call(id);
}

/** Whether a client of ours can have made the workflow id. */
function isWorkflowId(kind: string, parts: readonly string[]): boolean {
  const [, event = ''] = parts;
  if (!parts.every((part) => /^[A-Za-z0-9._:%~-]+$/.test(part))) return false;
  return kind === 'call-webhook' ? parts.length === 1 : parts.length <= 3 && isCampaignEvent(event);
}

function noTarget(id: string): Error {
  const forms = 'call-webhook/<call_id>, campaign-webhook/<campaign_id>/<event>[/<occurrence>]';
  const shown = oneLine(JSON.stringify(id.slice(0, 80)));
  return usageError(`${shown} is no call id (${ID_RULE}) and no workflow id (${forms})`);
}

function isCampaignEvent(text: string): boolean {
  return text === 'webhook.test' || (CAMPAIGN_EVENTS as readonly string[]).includes(text);
}

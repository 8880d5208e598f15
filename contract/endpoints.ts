/**
 * Selects the endpoints that get an event: those of the call, its campaign and its account, each URL once. The client
 * runs it, and then adds the ids, which need a hash. Pure.
 */
import { cleanText } from './canonical-json.ts';
import { parseEgressOptions } from './egress/policy.ts';
import { judgeWebhookUrl, type UrlRuleCode } from './egress/url-rules.ts';
import { DEFAULT_EVENTS, type ConfigLevel, type EventName } from './event-types.ts';
import { given } from './given.ts';
import { MAX_URL_LENGTH } from './limits.ts';
import { parseUrl } from './parse-url.ts';
import { MAX_ENDPOINTS, MAX_RUN_ENDPOINTS } from './run-limits.ts';

/** Why an endpoint's delivery ends refused, decided from its settings.
 *  - `secret_in_reference`: its `secret_ref` was a secret, or the `account_id` that stands for it
 *  - `secret_ref_invalid`: its `secret_ref` was no text, or too long; or the `account_id` cannot be an id
 *  - `too_many_endpoints`: ten endpoints before it get the event */
export type EndpointRefusal = 'secret_in_reference' | 'secret_ref_invalid' | 'too_many_endpoints' | UrlRuleCode;

/** The settings of one endpoint, and the level they come from. `readCallSettings` makes them from what came. */
export type EndpointSource = {
  readonly level: ConfigLevel;
  readonly webhook_url?: string | null | undefined;
  readonly webhook_events?: readonly string[] | null | undefined;
  readonly secret_ref?: string | null | undefined;
  readonly refusal?: EndpointRefusal;
};

/** An endpoint that gets an event, with its ids. It is part of the workflow's input. */
export type Endpoint = {
  readonly endpointId: string;
  readonly webhookId: string;
  readonly url: string;
  /** Host name of the URL, for people. */
  readonly host: string;
  /** Reference to the signing secret. Absent: the delivery goes unsigned. */
  readonly secretRef?: string;
  /** Present: nothing is sent to it. Its delivery ends refused, with this as its reason. */
  readonly refusal?: EndpointRefusal;
};

/** The endpoint of an event, before it has ids. */
export type SelectedEndpoint = Pick<Endpoint, 'url' | 'secretRef' | 'refusal'>;

/** What `selectEndpoints` returns. */
export type EndpointSelection = {
  readonly endpoints: readonly SelectedEndpoint[];
  /** Subscribed endpoints that the run has no room to show. They get nothing. */
  readonly leftOut: number;
};

/** Selects the endpoints that get `event`. `sources`: first the call's, then the campaign's, then the account's.
 *  Equal URLs become one endpoint first, with the settings of the earliest source that is not refused. Then only those
 *  that subscribe to `event` remain. So a call can narrow what its campaign's URL gets. `defaultSecretRef` signs for
 *  endpoints without a `secret_ref`. `defaultRefusal` refuses them: their secret was named, but cannot be read. */
export function selectEndpoints(
  event: EventName,
  sources: readonly EndpointSource[],
  defaultSecretRef?: string,
  defaultRefusal?: EndpointRefusal,
): EndpointSelection {
  const subscribed = onePerUrl(sources).filter((source) =>
    (source.webhook_events ?? DEFAULT_EVENTS[source.level]).includes(event),
  );
  const endpoints = subscribed.map(({ webhook_url, secret_ref, refusal: own }): SelectedEndpoint => {
    const refusal = own ?? (secret_ref ? undefined : defaultRefusal);
    const secretRef = refusal === undefined ? secret_ref || defaultSecretRef : undefined;
    // The URL as it was written. The URL rules must see characters that a parser would remove. The sender uses the
    // `href`.
    return { url: webhook_url, ...given({ secretRef, refusal }) };
  });
  return { endpoints: withinLimits(endpoints), leftOut: Math.max(0, endpoints.length - MAX_RUN_ENDPOINTS) };
}

type SourceWithUrl = EndpointSource & { readonly webhook_url: string };

function onePerUrl(sources: readonly EndpointSource[]): readonly SourceWithUrl[] {
  const all = sources.filter((source): source is SourceWithUrl => typeof source.webhook_url === 'string');
  // Most calls have one endpoint, so there is nothing to compare.
  if (all.length < 2) return all;
  const byUrl = new Map<string, SourceWithUrl>();
  for (const later of all) {
    const identity = canonicalUrl(later.webhook_url);
    const earlier = byUrl.get(identity);
    byUrl.set(identity, earlier === undefined ? later : merged(earlier, later));
  }
  return [...byUrl.values()];
}

/** The settings of two sources with the same URL. The earlier ones win, but what is wrong with them stops nothing that
 *  is right in the later ones. */
function merged(earlier: SourceWithUrl, later: SourceWithUrl): SourceWithUrl {
  if (earlier.refusal !== undefined) return later;
  return {
    ...earlier,
    // Two spellings of one URL; one of them may have a space that the rules refuse.
    webhook_url: brokenForm(earlier.webhook_url) === undefined ? earlier.webhook_url : later.webhook_url,
    // If only the later settings name a secret, it is used: an unsigned delivery would be worse.
    secret_ref: earlier.secret_ref || later.secret_ref,
  };
}

/** At most MAX_RUN_ENDPOINTS, of which at most MAX_ENDPOINTS are delivered to. Above that, endpoints that cannot be
 *  delivered to take no place from the others. */
function withinLimits(endpoints: readonly SelectedEndpoint[]): readonly SelectedEndpoint[] {
  if (endpoints.length <= MAX_ENDPOINTS) return endpoints;
  const judged = endpoints.map((endpoint) => ({ endpoint, refusal: endpoint.refusal ?? brokenForm(endpoint.url) }));
  const good = judged.filter(({ refusal }) => refusal === undefined);
  const bad = judged.filter(({ refusal }) => refusal !== undefined);
  return [...good, ...bad].slice(0, MAX_RUN_ENDPOINTS).map(({ endpoint, refusal }, index) => {
    if (refusal !== undefined) return { url: endpoint.url, refusal };
    return index < MAX_ENDPOINTS ? endpoint : { ...endpoint, refusal: 'too_many_endpoints' };
  });
}

/** The rule that a URL breaks under every egress policy. Only the worker knows which addresses are allowed. */
function brokenForm(url: string): UrlRuleCode | undefined {
  const verdict = judgeWebhookUrl(url, LOOSE_POLICY);
  return verdict.ok || UP_TO_POLICY.has(verdict.code) ? undefined : verdict.code;
}

const LOOSE_POLICY = parseEgressOptions({ allowHttp: true });
const UP_TO_POLICY: ReadonlySet<UrlRuleCode> = new Set(['address', 'host_single_label', 'host_special']);

/** The part of a URL that requests have, and that tells endpoints apart: all but its fragment. A text that is too long
 *  for a URL is cut to one character more than is allowed. So it ends refused and costs nothing. */
export function sentPart(url: string): string {
  const [sent = ''] = url.split('#', 1);
  return sent.length > MAX_URL_LENGTH ? cleanText(sent.slice(0, MAX_URL_LENGTH + 1)) : sent;
}

/** The form in which URLs are compared and hashed: the WHATWG `href` without its fragment, or the text itself if it
 *  does not parse. A hash takes all lone surrogates for one character, so that text is cleaned first. */
export function canonicalUrl(text: string): string {
  const url = sentPart(text);
  return parseUrl(url)?.href ?? cleanText(url);
}

/** The host name of a URL, for people; `invalid-url` if it has none. Never the path, the query or credentials. Hosts
 *  of unknown schemes may hold nearly any character, so they count as none. */
export function hostOf(url: string): string {
  const host = parseUrl(url)?.hostname ?? '';
  return /^[A-Za-z0-9._:[\]-]+$/.test(host) ? host.slice(0, 253) : 'invalid-url';
}

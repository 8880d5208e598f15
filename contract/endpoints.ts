/**
 * Selects the endpoints that get an event: those of the call, its campaign and its account, each URL once. The client
 * runs it, and then adds the ids, which need a hash. Pure.
 */
import { DEFAULT_EVENTS, isEventName, type ConfigLevel, type EventName } from './event-types.ts';
import { given } from './given.ts';

/** The settings of one endpoint, and the level they come from. */
export type EndpointSource = {
  readonly level: ConfigLevel;
  readonly webhook_url?: string | null | undefined;
  readonly webhook_events?: readonly string[] | null | undefined;
  readonly secret_ref?: string | null | undefined;
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
};

/** An endpoint that gets the event, before it has ids. */
export type SelectedEndpoint = { readonly url: string; readonly secretRef?: string };

/** What `selectEndpoints` returns. */
export type EndpointSelection = {
  readonly endpoints: readonly SelectedEndpoint[];
  /** Configured event names that do not exist. They match no event; the client warns of them. */
  readonly unknownEvents: readonly string[];
  /** Levels, other than the call's own, whose settings lack `webhook_url`. A `webhook_url` of null is not listed: it
   *  says "no endpoint" on purpose. */
  readonly withoutUrl: readonly ConfigLevel[];
};

/** Selects the endpoints that get `event`. `sources`: first the call's, then the campaign's, then the account's.
 *  Equal URLs become one endpoint first, with the settings of the earliest source. Then only those that subscribe to
 *  `event` remain. So a call can narrow what its campaign's URL gets. `defaultSecretRef` signs for endpoints without
 *  a `secret_ref`. */
export function selectEndpoints(
  event: EventName,
  sources: readonly EndpointSource[],
  defaultSecretRef?: string,
): EndpointSelection {
  const byUrl = new Map<string, EndpointSource & { readonly webhook_url: string }>();
  for (const source of sources) {
    const { webhook_url } = source;
    if (typeof webhook_url !== 'string') continue;
    const identity = canonicalUrl(webhook_url);
    const earlier = byUrl.get(identity);
    // The earlier settings win. If only the later ones name a secret, it is used: an unsigned delivery would be worse.
    byUrl.set(
      identity,
      earlier === undefined
        ? { ...source, webhook_url }
        : { ...earlier, secret_ref: earlier.secret_ref || source.secret_ref },
    );
  }
  const subscribed = [...byUrl.values()].filter((source) =>
    (source.webhook_events ?? DEFAULT_EVENTS[source.level]).includes(event),
  );
  return {
    endpoints: subscribed.map(({ webhook_url, secret_ref }) => {
      const secretRef = secret_ref || defaultSecretRef;
      // The URL as it was written. The URL rules must see characters that a parser would remove. The sender uses the
      // `href`.
      return { url: webhook_url, ...given({ secretRef }) };
    }),
    unknownEvents: sources.flatMap((source) => (source.webhook_events ?? []).filter((name) => !isEventName(name))),
    withoutUrl: sources
      .filter(({ level, webhook_url }) => level !== 'call' && webhook_url === undefined)
      .map(({ level }) => level),
  };
}

/** The form in which URLs are compared and hashed: the WHATWG `href`, or the text itself if it does not parse. */
export function canonicalUrl(text: string): string {
  return URL.canParse(text) ? new URL(text).href : text;
}

/** The host name of a URL, for people; `invalid-url` if it has none. Never the path, the query or credentials. */
export function hostOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  return host === '' ? 'invalid-url' : host.slice(0, 253);
}

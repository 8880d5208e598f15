/**
 * Which endpoints get an event: the union of the call's own, its campaign's and its account's, equal URLs collapsed.
 * Run in the client. Pure; ids are added there, since hashing is not.
 */
import { DEFAULT_EVENTS, isEventName, type ConfigLevel, type EventName } from './event-types.ts';

/** Settings of one endpoint, with the level they stand on. */
export type EndpointSource = {
  readonly level: ConfigLevel;
  readonly webhook_url?: string | null | undefined;
  readonly webhook_events?: readonly string[] | null | undefined;
  readonly secret_ref?: string | null | undefined;
};

/** An endpoint of one event, ready to be delivered to; travels in the workflow's input. */
export type Endpoint = {
  readonly endpointId: string;
  readonly webhookId: string;
  readonly url: string;
  /** Host name for people, never the URL. */
  readonly host: string;
  /** Absent: nothing to sign with, the delivery goes unsigned. */
  readonly secretRef?: string;
};

/** An endpoint that gets the event, before it has ids. */
export type SelectedEndpoint = { readonly url: string; readonly secretRef?: string };

export type EndpointSelection = {
  readonly endpoints: readonly SelectedEndpoint[];
  /** Event names nobody knows, as they were configured. They match nothing; somebody should hear of it. */
  readonly unknownEvents: readonly string[];
  /** Levels whose settings lack the field `webhook_url` (null means none, and is none), the call's own apart. */
  readonly withoutUrl: readonly ConfigLevel[];
};

/** Collapses equal URLs first (the earlier source's settings win: list the call's own first, then the campaign's, then
 *  the account's), then keeps those subscribed to `event`. So a call can narrow what its campaign's URL gets. */
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
    // The earlier settings win, but a secret that only the later one names still signs: unsigned would be the worse
    // guess.
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
      // The text as it was written: the URL rules judge what a parser would strip or bend, and send the `href`.
      return { url: webhook_url, ...(secretRef === undefined ? {} : { secretRef }) };
    }),
    unknownEvents: sources.flatMap((source) => (source.webhook_events ?? []).filter((name) => !isEventName(name))),
    withoutUrl: sources
      .filter(({ level, webhook_url }) => level !== 'call' && webhook_url === undefined)
      .map(({ level }) => level),
  };
}

/** A URL as it is compared and hashed: WHATWG `href`, or the text as it stands where it does not parse. */
export function canonicalUrl(text: string): string {
  return URL.canParse(text) ? new URL(text).href : text;
}

/** The host name of a URL for people to read; never path, query or credentials. */
export function hostOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  return host === '' ? 'invalid-url' : host.slice(0, 253);
}

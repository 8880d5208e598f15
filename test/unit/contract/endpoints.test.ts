/** Which endpoints get an event. */
import { describe, expect, it } from '@jest/globals';
import { canonicalUrl, hostOf, selectEndpoints, sentPart, type EndpointSource } from '../../../contract/endpoints.ts';

const OWN = 'https://own.example.com/hook';
const CAMPAIGN = 'https://campaign.example.com/hook';
const ACCOUNT = 'https://account.example.com/hook';

const own = (change: Partial<EndpointSource> = {}): EndpointSource => ({ level: 'call', webhook_url: OWN, ...change });
const campaign = (change: Partial<EndpointSource> = {}): EndpointSource => ({
  level: 'campaign',
  webhook_url: CAMPAIGN,
  ...change,
});
const account = (change: Partial<EndpointSource> = {}): EndpointSource => ({
  level: 'account',
  webhook_url: ACCOUNT,
  ...change,
});
const urls = (...parameters: Parameters<typeof selectEndpoints>) =>
  selectEndpoints(...parameters).endpoints.map(({ url }) => url);

describe("a call's event", () => {
  it('goes to its own, its campaign’s and its account’s endpoints, in this order', () => {
    expect(urls('call.completed', [own(), campaign(), account()])).toEqual([OWN, CAMPAIGN, ACCOUNT]);
  });

  it('goes nowhere where nobody named a URL', () => {
    const sources = [own({ webhook_url: undefined }), campaign({ webhook_url: null }), { level: 'account' as const }];
    expect(selectEndpoints('call.completed', sources)).toEqual({ endpoints: [], leftOut: 0 });
  });

  it('goes to a URL that is none, too: the delivery ends refused, visible and recorded', () => {
    expect(urls('call.completed', [own({ webhook_url: 'not a url' })])).toEqual(['not a url']);
  });
});

describe('subscriptions', () => {
  it.each([
    ['call', 'call.completed', true],
    ['call', 'call.failed', true],
    ['call', 'campaign.started', false],
    ['call', 'webhook.test', false],
    ['campaign', 'call.completed', true],
    ['campaign', 'call.failed', true],
    ['campaign', 'campaign.started', true],
    ['campaign', 'campaign.completed', true],
    ['campaign', 'campaign.paused', false],
    ['campaign', 'campaign.resumed', false],
    ['campaign', 'campaign.stopped', false],
    ['account', 'call.completed', true],
    ['account', 'campaign.completed', true],
    ['account', 'campaign.paused', false],
  ] as const)('omitted on a %s: %s is delivered: %p', (level, event, isDelivered) => {
    expect(urls(event, [{ level, webhook_url: OWN }])).toEqual(isDelivered ? [OWN] : []);
    expect(urls(event, [{ level, webhook_url: OWN, webhook_events: null }])).toEqual(isDelivered ? [OWN] : []);
  });

  it('that are named are exactly those', () => {
    const sources = [own({ webhook_events: ['call.failed'] }), campaign({ webhook_events: ['call.completed'] })];
    expect(urls('call.completed', sources)).toEqual([CAMPAIGN]);
    expect(urls('call.failed', sources)).toEqual([OWN]);
  });

  it('that are an empty list are none', () => {
    expect(urls('call.completed', [own({ webhook_events: [] })])).toEqual([]);
  });

  it('to events nobody knows match nothing', () => {
    const sources = [own({ webhook_events: ['call.complete', 'call.failed'] }), campaign({ webhook_events: ['*'] })];
    expect(selectEndpoints('call.completed', sources)).toEqual({ endpoints: [], leftOut: 0 });
  });
});

describe('equal URLs', () => {
  it('collapse to one delivery', () => {
    const sources = [own(), campaign({ webhook_url: OWN }), account({ webhook_url: OWN })];
    expect(urls('call.completed', sources)).toEqual([OWN]);
  });

  it.each(['HTTPS://OWN.example.com/hook', 'https://own.example.com:443/hook', 'https://own.example.com/a/../hook'])(
    'are equal in any spelling: %s',
    (webhook_url) => {
      expect(urls('call.completed', [own(), campaign({ webhook_url })])).toEqual([OWN]);
    },
  );

  it.each(['https://own.example.com/Hook', 'https://own.example.com/hook/', 'https://own.example.com/hook?a=1'])(
    'are not equal where the receiver could tell them apart: %s',
    (webhook_url) => {
      expect(urls('call.completed', [own(), campaign({ webhook_url })])).toEqual([OWN, webhook_url]);
    },
  );

  it('take the settings of the call, so a call can narrow what the URL of its campaign gets', () => {
    const sources = [own({ webhook_events: ['call.failed'] }), campaign({ webhook_url: OWN })];
    expect(urls('call.completed', sources)).toEqual([]);
    expect(urls('call.failed', sources)).toEqual([OWN]);
  });

  it('take the secret of the call', () => {
    const sources = [own({ secret_ref: 'mine' }), campaign({ webhook_url: OWN, secret_ref: 'theirs' })];
    expect(selectEndpoints('call.completed', sources, 'acc').endpoints).toEqual([{ url: OWN, secretRef: 'mine' }]);
  });

  it.each([undefined, null, ''])('take the secret of the campaign where the call names none: %p', (secret_ref) => {
    const sources = [own({ secret_ref }), campaign({ webhook_url: OWN, secret_ref: 'theirs' })];
    expect(selectEndpoints('call.completed', sources, 'acc').endpoints).toEqual([{ url: OWN, secretRef: 'theirs' }]);
  });
});

it.each([' https://own.example.com/hook', 'https://own.example.com\\hook', 'https://@own.example.com/hook'])(
  'a URL is handed on as it was written, for the URL rules to judge; a good spelling of it wins: %j',
  (webhook_url) => {
    expect(urls('call.completed', [own({ webhook_url })])).toEqual([webhook_url]);
    expect(urls('call.completed', [own({ webhook_url }), campaign({ webhook_url: OWN })])).toEqual([OWN]);
    expect(urls('call.completed', [own(), campaign({ webhook_url })])).toEqual([OWN]);
  },
);

describe('an endpoint that its settings refuse', () => {
  const refusal = 'secret_in_reference';

  it('is chosen with its reason, and without any reference', () => {
    const sources = [own({ refusal }), campaign({ secret_ref: 'theirs' })];
    expect(selectEndpoints('call.completed', sources, 'acc_1').endpoints).toEqual([
      { url: OWN, refusal },
      { url: CAMPAIGN, secretRef: 'theirs' },
    ]);
  });

  it('is not chosen for an event it has not subscribed to', () => {
    expect(urls('call.completed', [own({ refusal, webhook_events: ['call.failed'] })])).toEqual([]);
  });

  it.each([
    ['before', [own({ refusal }), account({ webhook_url: OWN, secret_ref: 'theirs' })]],
    ['behind', [own({ secret_ref: 'theirs' }), account({ webhook_url: OWN, refusal })]],
  ])('stops no good settings of the same URL: it stands %s them', (_where, sources) => {
    expect(selectEndpoints('call.completed', sources, 'acc_1').endpoints).toEqual([{ url: OWN, secretRef: 'theirs' }]);
  });
});

describe('more endpoints than one event may have', () => {
  const good = (count: number) =>
    Array.from({ length: count }, (_, index) => account({ webhook_url: `https://r${index}.example.com/` }));
  const bad = (count: number) =>
    Array.from({ length: count }, (_, index) => account({ webhook_url: `not a url ${index}` }));
  const refusals = (sources: readonly EndpointSource[]) =>
    selectEndpoints('call.completed', sources).endpoints.map(({ refusal }) => refusal);

  it.each([
    [10, 0],
    [11, 1],
    [20, 10],
  ])('%p: ten get it, %p are refused', (count, refused) => {
    expect(refusals(good(count))).toEqual([
      ...Array.from({ length: 10 }, () => undefined),
      ...Array.from({ length: refused }, () => 'too_many_endpoints'),
    ]);
    expect(selectEndpoints('call.completed', good(count)).leftOut).toBe(0);
  });

  it('a thousand: ten get it, ten are refused, and the others are counted', () => {
    const { endpoints, leftOut } = selectEndpoints('call.completed', good(1_000));
    expect(endpoints).toHaveLength(20);
    expect(leftOut).toBe(980);
  });

  it('bad ones take no place from good ones, wherever they stand', () => {
    const { endpoints } = selectEndpoints('call.completed', [...bad(30), ...good(10), ...bad(40).slice(30)]);
    expect(endpoints.slice(0, 10).map(({ url }) => url)).toEqual(good(10).map(({ webhook_url }) => webhook_url));
    expect(endpoints.slice(10).map(({ refusal }) => refusal)).toEqual(Array.from({ length: 10 }, () => 'url_chars'));
  });

  it('ten at most are judged by the worker, in the order in which they came', () => {
    expect(urls('call.completed', [...bad(2), ...good(8)])).toEqual(
      [...bad(2), ...good(8)].map(({ webhook_url }) => webhook_url),
    );
    expect(refusals([...bad(2), ...good(8)])).toEqual(Array.from({ length: 10 }, () => undefined));
  });
});

describe('the part of a URL that requests have', () => {
  it.each([
    ['https://good.example.com/h#crm', 'https://good.example.com/h'],
    ['https://good.example.com/h#a#b', 'https://good.example.com/h'],
    ['https://good.example.com/?a=%23#', 'https://good.example.com/?a=%23'],
    ['https://good.example.com/h', 'https://good.example.com/h'],
    ['#only', ''],
    ['not a url#x', 'not a url'],
  ])('of %j is %j', (text, sent) => {
    expect(sentPart(text)).toBe(sent);
  });

  it('is cut to one character above the limit, so that it is refused and costs nothing', () => {
    const path = (length: number) => `https://a.example.com/${'x'.repeat(length - 22)}`;
    expect(sentPart(path(2_048))).toBe(path(2_048));
    expect(sentPart(path(2_049))).toBe(path(2_049));
    expect(sentPart(path(2_050))).toBe(path(2_049));
    expect(sentPart(path(10_000_000))).toBe(path(2_049));
    expect(sentPart(`${path(2_048)}#${'x'.repeat(1_000_000)}`)).toBe(path(2_048));
    // Half a character is no character.
    expect(sentPart(`${path(2_048)}👋`).isWellFormed()).toBe(true);
  });
});

describe('the reference to the signing secret', () => {
  it('is the endpoint’s own, else the account', () => {
    const sources = [own({ secret_ref: 'mine' }), campaign({ secret_ref: null }), account()];
    expect(selectEndpoints('call.completed', sources, 'acc_1').endpoints).toEqual([
      { url: OWN, secretRef: 'mine' },
      { url: CAMPAIGN, secretRef: 'acc_1' },
      { url: ACCOUNT, secretRef: 'acc_1' },
    ]);
  });

  it('is absent where there is neither', () => {
    expect(selectEndpoints('call.completed', [own()]).endpoints).toEqual([{ url: OWN }]);
  });
});

describe('canonicalUrl', () => {
  it.each([
    ['https://EXAMPLE.com', 'https://example.com/'],
    ['https://example.com:443/a b', 'https://example.com/a%20b'],
    ['https://example.com/a#b', 'https://example.com/a'],
    ['not a url', 'not a url'],
    ['half \uD83D', 'half \uFFFD'],
    ['', ''],
  ])('turns %p into %p', (text, url) => {
    expect(canonicalUrl(text)).toBe(url);
  });
});

describe('hostOf', () => {
  it.each([
    ['https://user:password@crm.example.com:8443/hook?token=1#x', 'crm.example.com'],
    ['https://[2001:db8::1]/hook', '[2001:db8::1]'],
    ['https://BÜCHER.example/', 'xn--bcher-kva.example'],
    ['not a url with a token=1', 'invalid-url'],
    ['mailto:someone@example.com', 'invalid-url'],
    ['', 'invalid-url'],
    ['foo://a`b/', 'invalid-url'],
    ['foo://[x](y)/', 'invalid-url'],
    ['foo://a{workflowId}/', 'invalid-url'],
    ['foo://Plain_host.example/', 'Plain_host.example'],
  ])('tells of %p only %p', (url, host) => {
    expect(hostOf(url)).toBe(host);
  });
});

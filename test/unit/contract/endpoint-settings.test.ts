/** How webhook settings are read after the call has ended: each endpoint alone, and everything odd told. */
import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  readCallSettings,
  readCampaignSettings,
  type RawCallSettings,
} from '../../../contract/repairs/endpoint-settings.ts';
import { selectEndpoints } from '../../../contract/endpoints.ts';
import cases from '../../cases/endpoints.json';

const GOOD = 'https://good.example.com/hook';
const OTHER = 'https://b.example.com';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const KNOWN =
  'known are call.completed, call.failed, campaign.started, campaign.completed, campaign.paused, campaign.resumed, ' +
  'campaign.stopped';
const ENTRY = 'allowed is { webhook_url, webhook_events?, secret_ref? }';

/** What becomes of a good endpoint and these further entries. */
function beside(...entries: readonly unknown[]) {
  const { sources, warnings } = readCallSettings({
    endpoints: [{ webhook_url: GOOD, secret_ref: 'good' }, ...entries],
  });
  const { endpoints } = selectEndpoints('call.completed', sources, 'acct_1');
  const [good, ...others] = endpoints;
  expect(good).toEqual({ url: GOOD, secretRef: 'good' });
  return { others, warnings };
}

const told = (settings: RawCallSettings) =>
  readCallSettings(settings).warnings.map(({ code, field, problem }) => `${code} ${field}: ${problem}`);

describe('the cases of the issue', () => {
  const [comma, secret, number, nothing, text, eleven, fragment] = cases.map(({ entry }) => entry);
  const [first] = cases;

  it('are all here', () => {
    expect(cases).toHaveLength(7);
    expect(first?.is).toBe('read as a list of one, warned');
  });

  it('a single text of events is a list of one', () => {
    expect(beside(comma)).toEqual({
      others: [{ url: OTHER, secretRef: 'acct_1' }],
      warnings: [
        {
          code: 'repaired',
          field: 'endpoints[1].webhook_events',
          problem: 'a string of 14 characters, read as a list of 1; allowed is a list of event names',
        },
      ],
    });
  });

  it('a secret in place of its reference refuses its endpoint, and stands nowhere', () => {
    const read = beside(secret);
    expect(read.others).toEqual([{ url: OTHER, refusal: 'secret_in_reference' }]);
    expect(read.warnings).toEqual([
      {
        code: 'endpoint_refused',
        field: 'endpoints[1].secret_ref',
        problem:
          'is a secret, so this endpoint ends refused; ' +
          'pass the name under which SigningSecrets.forEndpoint finds it, and replace the secret',
      },
    ]);
    expect(JSON.stringify(read)).not.toContain('MfKQ');
  });

  it('a number as reference is read as text', () => {
    expect(beside(number)).toEqual({
      others: [{ url: OTHER, secretRef: '12' }],
      warnings: [
        {
          code: 'repaired',
          field: 'endpoints[1].secret_ref',
          problem: 'a number, read as text; allowed is a text',
        },
      ],
    });
  });

  it.each([
    ['null', nothing, 'null'],
    ['a text', text, 'a string of 21 characters'],
  ])('%s as an entry is skipped and told', (_what, entry, kind) => {
    expect(beside(entry)).toEqual({
      others: [],
      warnings: [
        { code: 'endpoint_skipped', field: 'endpoints[1]', problem: `${kind}, so no webhook goes there; ${ENTRY}` },
      ],
    });
  });

  it('of eleven endpoints ten are delivered to, and the eleventh is refused', () => {
    expect(eleven).toBe('<eleven endpoints>');
    const { others } = beside(
      ...Array.from({ length: 10 }, (_, index) => ({ webhook_url: `https://r${index}.example.com/` })),
    );
    expect(others.map(({ refusal }) => refusal)).toEqual([
      ...Array.from({ length: 9 }, () => undefined),
      'too_many_endpoints',
    ]);
  });

  it('a fragment makes no other endpoint', () => {
    expect(
      readCallSettings({ endpoints: [fragment, { webhook_url: 'https://good.example.com/h' }] }).sources,
    ).toMatchObject([{ webhook_url: 'https://good.example.com/h' }, { webhook_url: 'https://good.example.com/h' }]);
  });
});

describe('webhook_events', () => {
  it.each([
    ['call.completed,call.failed', 2],
    [' call.completed , call.failed ', 2],
    ['call.completed call.failed', 2],
    ['call.completed;call.failed', 2],
    ['["call.completed","call.failed"]', 2],
    ['{call.completed,call.failed}', 2],
    [['call.completed,call.failed'], 2],
    [[' call.completed', 'call.failed '], 0],
  ])('%j are two events', (webhook_events, isTold) => {
    const { sources, warnings } = readCallSettings({ webhook_url: GOOD, webhook_events });
    expect(sources[0]?.webhook_events).toEqual(['call.completed', 'call.failed']);
    expect(warnings.map(({ code }) => code)).toEqual(isTold > 0 ? ['repaired'] : []);
  });

  it.each([undefined, null, ''])('%j are left out, which is not told', (webhook_events) => {
    expect(readCallSettings({ webhook_url: GOOD, webhook_events })).toMatchObject({
      sources: [{ webhook_url: GOOD }],
      warnings: [],
    });
    expect(readCallSettings({ webhook_url: GOOD, webhook_events }).sources[0]).not.toHaveProperty('webhook_events');
  });

  it.each([[[]], ['[]'], ['{}']])('%j are none', (webhook_events) => {
    expect(readCallSettings({ webhook_url: GOOD, webhook_events }).sources[0]?.webhook_events).toEqual([]);
  });

  it.each([
    [12, 'an integer'],
    [true, 'a boolean'],
    [{ completed: true }, 'an object'],
  ])('%j are taken as left out', (webhook_events, kind) => {
    expect(told({ webhook_url: GOOD, webhook_events })).toEqual([
      `repaired webhook_events: ${kind}, taken as left out: call.completed, call.failed; allowed is a list of event names`,
    ]);
  });

  it('that nobody knows are ignored and told, without showing what may be personal', () => {
    expect(told({ webhook_url: GOOD, webhook_events: ['call.complete', 'call.failed', '+14155550199', 7] })).toEqual([
      `unknown_event webhook_events: "call.complete" is not an event and is ignored; ${KNOWN}`,
      `unknown_event webhook_events: a string of 12 characters is not an event and is ignored; ${KNOWN}`,
      `unknown_event webhook_events: an integer is not an event and is ignored; ${KNOWN}`,
    ]);
    expect(told({ webhook_url: GOOD, webhook_events: ['whsec_hush'] }).join()).not.toContain('hush');
  });

  it.each([
    [100, 0],
    [101, 1],
    [4_294_967_295, 1],
  ])('are read up to a hundred entries; of %p the others are told', (length, isTold) => {
    const webhook_events: unknown[] = ['call.completed'];
    webhook_events.length = length;
    webhook_events.fill('call.failed', 1, Math.min(length, 100));
    const { sources, warnings } = readCallSettings({ webhook_url: GOOD, webhook_events });
    expect(sources[0]?.webhook_events).toEqual(['call.completed', 'call.failed']);
    expect(warnings.map(({ problem }) => problem)).toEqual(
      isTold === 0 ? [] : [`${length - 100} further entries are ignored; ${KNOWN}`],
    );
  });

  it.each([
    [4_096, true],
    [4_097, false],
    [10_000_000, false],
  ])('as a text are read up to 4,096 characters; the last name of one of %p is read: %p', (length, isRead) => {
    const name = 'call.failed';
    const webhook_events = `${','.repeat(length - name.length)}${name}`;
    const { sources, warnings } = readCallSettings({ webhook_url: GOOD, webhook_events });
    expect(sources[0]?.webhook_events).toEqual(isRead ? ['call.failed'] : []);
    expect(warnings[0]?.problem).toContain(`a string of ${length} characters, read as a list of`);
  });

  it('of which many are unknown make a few warnings', () => {
    expect(told({ webhook_url: GOOD, webhook_events: Array.from({ length: 60 }, () => 'x') })).toHaveLength(6);
    expect(told({ webhook_url: GOOD, webhook_events: `call.failed,${'x,'.repeat(5_000_000)}` })).toHaveLength(7);
  });
});

describe('secret_ref', () => {
  it.each([undefined, null, ''])('%j is none, which is not told', (secret_ref) => {
    expect(readCallSettings({ webhook_url: GOOD, secret_ref })).toMatchObject({ warnings: [] });
    expect(readCallSettings({ webhook_url: GOOD, secret_ref }).sources).toEqual([{ level: 'call', webhook_url: GOOD }]);
  });

  it.each([
    [12, '12'],
    [12n, '12'],
    [-0, '0'],
  ])('%p is read as %j', (secret_ref, text) => {
    expect(readCallSettings({ webhook_url: GOOD, secret_ref }).sources[0]?.secret_ref).toBe(text);
  });

  it.each([
    [Number.NaN, 'NaN'],
    [false, 'a boolean'],
    [{ current: SECRET }, 'an object'],
    [[SECRET], 'an array'],
    [Buffer.from('hush'), 'an instance of Buffer'],
    ['x'.repeat(1_025), 'a string of 1025 characters'],
    ['x'.repeat(10_000_000), 'a string of 10000000 characters'],
  ])('that is no reference refuses its endpoint, and stands nowhere: %#', (secret_ref, kind) => {
    const read = readCallSettings({ webhook_url: GOOD, secret_ref });
    expect(read.sources).toEqual([{ level: 'call', webhook_url: GOOD, refusal: 'secret_ref_invalid' }]);
    expect(read.warnings).toEqual([
      {
        code: 'endpoint_refused',
        field: 'secret_ref',
        problem: `${kind}, so this endpoint ends refused; allowed is a text of 1 to 1024 characters`,
      },
    ]);
  });

  it('may have 1024 characters', () => {
    const secret_ref = 'x'.repeat(1_024);
    expect(readCallSettings({ webhook_url: GOOD, secret_ref }).sources[0]).toMatchObject({ secret_ref });
  });

  it.each(['', 'campaign.', 'endpoints[0].'])('that is a secret is told with its path, behind %j', (at) => {
    const settings = { webhook_url: GOOD, secret_ref: SECRET };
    const read = readCallSettings(
      at === '' ? settings : at === 'campaign.' ? { campaign: settings } : { endpoints: [settings] },
    );
    expect(read.warnings.map(({ field }) => field)).toEqual([`${at}secret_ref`]);
    expect(JSON.stringify(read)).not.toContain('MfKQ');
  });
});

describe('webhook_url', () => {
  it('of a wrong type is a URL that no rule allows, so that it ends refused and visible', () => {
    const endpoints = [{ webhook_url: 12 }, { webhook_url: {} }];
    expect(readCallSettings({ endpoints }).sources.map(({ webhook_url }) => webhook_url)).toEqual([
      '(an integer)',
      '(an object)',
    ]);
  });

  it('may be an instance of URL', () => {
    expect(readCallSettings({ webhook_url: new URL(`${GOOD}#x`) })).toMatchObject({
      sources: [{ webhook_url: GOOD }],
      warnings: [],
    });
  });

  it('that is a secret stands nowhere', () => {
    const read = readCallSettings({ webhook_url: SECRET, secret_ref: GOOD });
    expect(read.sources[0]?.webhook_url).toBe('(a secret)');
  });

  it('that is missing is told of a campaign and an account; null is a choice', () => {
    expect(told({ campaign: {}, endpoints: [{ url: GOOD }, { webhook_url: null }] })).toEqual([
      'no_url campaign.webhook_url: is missing, so no webhook goes there',
      'no_url endpoints[0].webhook_url: is missing, so no webhook goes there',
    ]);
    expect(readCampaignSettings({}).warnings.map(({ field }) => field)).toEqual(['webhook_url']);
  });
});

test('a field with almost the right name is told, with its path', () => {
  const endpoints = [{ webhookUrl: GOOD }, { webhook_url: GOOD, secretRef: 'main', events: [] }];
  expect(told({ campaign: { webhook_url: null, webhook_event: [] }, endpoints })).toEqual([
    'unknown_field campaign.webhook_event: is no field, webhook_events is: it is ignored',
    'unknown_field endpoints[0].webhookUrl: is no field, webhook_url is: it is ignored',
    'no_url endpoints[0].webhook_url: is missing, so no webhook goes there',
    'unknown_field endpoints[1].secretRef: is no field, secret_ref is: it is ignored',
  ]);
});

test('of many oddities the first 24 are told one by one', () => {
  expect(told({ endpoints: Array.from({ length: 24 }, () => null) })).toHaveLength(24);
  const many = told({ endpoints: Array.from({ length: 900 }, () => null) });
  expect(many).toHaveLength(25);
  expect(many.at(-1)).toBe('endpoint_skipped endpoints: 876 more oddities among the settings');
});

describe('campaign and endpoints', () => {
  it.each([
    ['campaign', 'camp_1', 'a string of 6 characters'],
    ['campaign', [], 'an array'],
    ['campaign', 7, 'an integer'],
    ['endpoints', GOOD, 'a string of 29 characters'],
    ['endpoints', 7, 'an integer'],
    ['endpoints', '[not JSON', 'a string of 9 characters'],
  ])('%s as %j is skipped and told', (field, value, kind) => {
    expect(told({ webhook_url: OTHER, [field]: value })).toEqual([
      `endpoint_skipped ${field}: ${kind}, so no webhook goes there; ${ENTRY}`,
    ]);
  });

  it.each([
    ['an object', { webhook_url: GOOD }, ['an object, read as a list of one; allowed is a list']],
    [
      'JSON',
      JSON.stringify([{ webhook_url: GOOD }]),
      ['a string of 49 characters, read as JSON; allowed is the value itself'],
    ],
  ])('endpoints as %s are read and told', (_what, endpoints, problems) => {
    const { sources, warnings } = readCallSettings({ endpoints });
    expect(sources).toEqual([{ level: 'account', webhook_url: GOOD }]);
    expect(warnings.map(({ problem }) => problem)).toEqual(problems);
  });

  it.each([
    [1_048_576, true],
    [1_048_577, false],
    [20_000_000, false],
  ])('endpoints as JSON of %p characters are read: %p; longer ones are skipped', (length, isRead) => {
    const json = JSON.stringify([{ webhook_url: GOOD }]);
    const { sources, warnings } = readCallSettings({ endpoints: ' '.repeat(length - json.length) + json });
    expect(sources).toHaveLength(isRead ? 1 : 0);
    expect(warnings.map(({ code }) => code)).toEqual([isRead ? 'repaired' : 'endpoint_skipped']);
  });

  it.each([
    [1_000, 0],
    [1_001, 1],
    [1_000_000, 1],
  ])('endpoints are read up to a thousand; of %p the others are told', (length, isTold) => {
    const endpoints = Array.from({ length }, () => ({ webhook_url: GOOD }));
    const { sources, warnings } = readCallSettings({ endpoints });
    expect(sources).toHaveLength(1_000);
    expect(warnings.map(({ problem }) => problem)).toEqual(
      isTold === 0 ? [] : [`${length} entries; the first 1000 are read, the others get no webhook`],
    );
  });

  it('of which one throws when it is read lose that one alone', () => {
    const thrower = {
      get webhook_url(): string {
        throw new Error('hush');
      },
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const { others, warnings } = beside(thrower, proxy, { webhook_url: proxy }, { webhook_url: OTHER });
    // The last of them has a URL that is none, so its delivery ends refused.
    expect(others.map(({ url }) => url)).toEqual(['(an object that cannot be read)', OTHER]);
    expect(warnings.map(({ field, problem }) => `${field} ${problem}`)).toEqual(
      [1, 2].map((at) => `endpoints[${at}] reading it threw an error, so no webhook goes there; ${ENTRY}`),
    );
    expect(told({ campaign: proxy, endpoints: proxy })).toHaveLength(2);
  });
});

test('whatever the other settings are, the good endpoints get the event, and no secret is kept', () => {
  const hush = fc.constantFrom(SECRET, SECRET.slice(6), '5ec7e7'.repeat(11));
  const url = fc.oneof(
    fc.webUrl({ withFragments: true }),
    fc.anything(),
    fc.constantFrom(OTHER, ` ${GOOD}`, `${GOOD}#x`),
  );
  const odd = fc.oneof(
    { arbitrary: fc.anything(), weight: 1 },
    {
      arbitrary: fc.record(
        {
          webhook_url: url,
          webhook_events: fc.oneof(fc.anything(), fc.constantFrom([], 'call.completed', ['nope'])),
          secret_ref: fc.oneof(fc.anything(), hush),
        },
        { requiredKeys: [] },
      ),
      weight: 3,
    },
  );
  const good = (index: number) => ({ webhook_url: `https://good${index}.example.com/`, secret_ref: `ref${index}` });
  const lists = fc.tuple(
    fc.array(odd, { maxLength: 12 }),
    fc.array(odd, { maxLength: 12 }),
    fc.integer({ min: 1, max: 3 }),
  );
  fc.assert(
    fc.property(lists, odd, odd, ([before, behind, count], campaign, own) => {
      const wanted = Array.from({ length: count }, (_, index) => good(index));
      const settings = { ...(own as object), campaign, endpoints: [...before, ...wanted, ...behind] };
      const read = readCallSettings(settings);
      const { endpoints } = selectEndpoints('call.completed', read.sources);
      const isWellFormed = (text: string) => /^https?:/.test(text);
      // At most ten get an event, and well-formed ones before them may be ten.
      const others = endpoints.filter((each) => each.refusal === undefined && isWellFormed(each.url)).length - count;
      for (const { webhook_url, secret_ref } of others > 7 ? [] : wanted) {
        expect(endpoints).toContainEqual({ url: webhook_url, secretRef: secret_ref });
      }
      expect(endpoints.length).toBeLessThanOrEqual(20);
      expect(JSON.stringify([endpoints, read.warnings])).not.toMatch(/MfKQ9r8G|5ec7e75ec7e7/);
    }),
    { numRuns: 1_000 },
  );
});

test('whatever stands beside a good URL, it is read: as the settings of a call, a campaign, an account and an event', () => {
  const rest = fc.record({ webhook_events: fc.anything(), secret_ref: fc.anything() });
  fc.assert(
    fc.property(rest, (others) => {
      const settings = { webhook_url: GOOD, ...others };
      const all = [
        readCallSettings(settings),
        readCallSettings({ campaign: settings }),
        readCallSettings({ endpoints: [settings] }),
        readCampaignSettings(settings),
      ];
      for (const { sources } of all) expect(sources.map(({ webhook_url }) => webhook_url)).toEqual([GOOD]);
    }),
    { numRuns: 1_000 },
  );
});

test('mistyped names are looked for among the first thousand keys of all settings together', () => {
  const others = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`column${at}`, at]));
  const misspelled = { webhook_url: OTHER, secretRef: 'b' };
  const toldAfter = (count: number) => told({ endpoints: [{ webhook_url: GOOD, ...others(count) }, misspelled] });
  // Each entry has a webhook_url, and the mistyped key comes last.
  const toldAs = (number: number) => toldAfter(number - 3);
  expect(toldAs(1_000)).toEqual(['unknown_field endpoints[1].secretRef: is no field, secret_ref is: it is ignored']);
  for (const number of [1_001, 100_000]) expect(toldAs(number)).toEqual([]);
});

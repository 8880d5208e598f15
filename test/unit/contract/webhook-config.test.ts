/** Webhook settings are checked while their owner can still fix them. */
import { describe, expect, it } from '@jest/globals';
import { EgressConfigError, InvalidInputError, LOOPBACK_EGRESS, parseWebhookConfig } from '../../../contract/index.ts';
import { SECRET } from '../../support/builders.ts';

const URL_OK = 'https://your-app.com/webhooks/call-complete';

function problems(...parameters: Parameters<typeof parseWebhookConfig>) {
  try {
    parseWebhookConfig(...parameters);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe("the vendor page's settings", () => {
  it('of a call are accepted', () => {
    const settings = { webhook_url: URL_OK, webhook_events: ['call.completed', 'call.failed'] };
    expect(parseWebhookConfig(settings, 'call')).toEqual(settings);
  });

  it('of a campaign are accepted', () => {
    const webhook_events = ['campaign.started', 'campaign.completed', 'call.completed'];
    const page = { name: 'Sales Outreach', webhook_url: 'https://your-app.com/webhooks/campaign', webhook_events };
    expect(parseWebhookConfig(page, 'campaign')).toEqual({ webhook_url: page.webhook_url, webhook_events });
  });
});

describe('webhook_events', () => {
  it.each([
    ['call', ['call.completed', 'call.failed']],
    ['campaign', ['campaign.started', 'campaign.completed', 'call.completed', 'call.failed']],
    ['account', ['campaign.started', 'campaign.completed', 'call.completed', 'call.failed']],
  ] as const)('omitted on a %s give %p', (level, events) => {
    expect(parseWebhookConfig({ webhook_url: URL_OK }, level).webhook_events).toEqual(events);
    expect(parseWebhookConfig({ webhook_url: URL_OK, webhook_events: null }, level).webhook_events).toEqual(events);
  });

  it('as an empty list give none', () => {
    expect(parseWebhookConfig({ webhook_url: URL_OK, webhook_events: [] }, 'call').webhook_events).toEqual([]);
  });

  it('that nobody knows are refused with the list of known names', () => {
    expect(problems({ webhook_url: URL_OK, webhook_events: ['call.failed', 'call.complete'] }, 'call')).toEqual([
      {
        field: 'webhook_events[1]',
        problem: '"call.complete" is not an event of a call; known are call.completed, call.failed',
      },
    ]);
  });

  it.each([SECRET, '+1 415 555 0199', 'x'.repeat(100)])(
    'that may be a secret or a number are not repeated: %p',
    (name) => {
      const [problem] = problems({ webhook_url: URL_OK, webhook_events: [name] }, 'call');
      expect(problem?.problem).toMatch(/^a string of \d+ characters is not an event of a call/);
    },
  );

  it('of a campaign are refused on a call', () => {
    expect(problems({ webhook_url: URL_OK, webhook_events: ['campaign.started'] }, 'call')).toHaveLength(1);
  });

  it.each(['campaign.paused', 'campaign.resumed', 'campaign.stopped'])('may name %s where that is wanted', (event) => {
    const { webhook_events } = parseWebhookConfig({ webhook_url: URL_OK, webhook_events: [event] }, 'campaign');
    expect(webhook_events).toEqual([event]);
  });

  it.each(['call', 'campaign', 'account'] as const)('cannot subscribe a %s to webhook.test', (level) => {
    expect(problems({ webhook_url: URL_OK, webhook_events: ['webhook.test'] }, level)).toHaveLength(1);
  });

  it('without a URL are a mistake', () => {
    expect(problems({ webhook_events: ['call.completed'] }, 'call')).toEqual([
      { field: 'webhook_url', problem: 'is missing, though webhook_events names events' },
    ]);
  });
});

describe('webhook_url', () => {
  it('may be missing: nobody is told then', () => {
    expect(parseWebhookConfig({}, 'call')).toEqual({ webhook_events: [] });
    expect(parseWebhookConfig({ webhook_url: null }, 'call')).toEqual({ webhook_events: [] });
  });

  it.each([
    ['http://your-app.com/', 'scheme'],
    ['https://10.0.0.1/', 'address'],
    ['https://localhost/', 'host_single_label'],
    ['https://user:secret@your-app.com/', 'userinfo'],
    ['your-app.com/hook', 'url_parse'],
    ['', 'url_length'],
  ])('%s is refused by the rule %s, without being shown', (webhook_url, rule) => {
    const [problem, ...others] = problems({ webhook_url }, 'call');
    expect(others).toEqual([]);
    expect(problem?.field).toBe('webhook_url');
    expect(problem?.problem.startsWith(`${rule}: `)).toBe(true);
    expect(problem?.problem).not.toContain('secret');
  });

  it('is judged by the egress options that the worker runs with', () => {
    const webhook_url = 'http://localhost:3000/hook';
    expect(parseWebhookConfig({ webhook_url }, 'call', { egress: LOOPBACK_EGRESS })).toMatchObject({ webhook_url });
    expect(() => parseWebhookConfig({ webhook_url }, 'call', { egress: { allowCidrs: ['all'] } })).toThrow(
      EgressConfigError,
    );
  });
});

describe('secret_ref and metadata', () => {
  it('are handed on, and absent where they are missing', () => {
    const settings = { webhook_url: URL_OK, webhook_events: [], secret_ref: 'main', metadata: { a: 1 } };
    expect(parseWebhookConfig(settings, 'call')).toEqual(settings);
    expect(Object.keys(parseWebhookConfig({ webhook_url: URL_OK }, 'call'))).toEqual(['webhook_url', 'webhook_events']);
  });

  it('are checked like those of an ended call', () => {
    expect(problems({ webhook_url: URL_OK, secret_ref: 'whsec_abc', metadata: { a: Number.NaN } }, 'call')).toEqual([
      {
        field: 'secret_ref',
        problem:
          'a string of 9 characters: is a secret; pass a reference to it, which SigningSecrets.forEndpoint resolves',
      },
      { field: 'metadata.a', problem: 'NaN: numbers must be finite' },
    ]);
  });
});

it.each(['whsec_abc', SECRET.slice(6), '5ec7e7'.repeat(8)])(
  'a secret in place of its reference is refused, and not shown: %#',
  (secret_ref) => {
    const [problem, ...others] = problems({ webhook_url: URL_OK, secret_ref }, 'call');
    expect(others).toEqual([]);
    expect(problem?.problem).toMatch(/^a string of \d+ characters: is a secret; pass a reference to it/);
  },
);

it('every mistake is told at once', () => {
  expect(problems({ webhook_url: 'ftp://x.example.com/', webhook_events: ['a', 'b'] }, 'call')).toHaveLength(3);
  const all = { webhook_url: 'ftp://x.example.com/', webhook_events: ['a', 5], secret_ref: 5, metadata: [] };
  expect(
    problems(all, 'call')
      .map(({ field }) => field)
      .sort(),
  ).toEqual(['metadata', 'secret_ref', 'webhook_events[0]', 'webhook_events[1]', 'webhook_url']);
});

it.each([
  ['webhookUrl', 'webhook_url'],
  ['webhook_event', 'webhook_events'],
  ['secretRef', 'secret_ref'],
  ['meta_data', 'metadata'],
])('a mistyped field is refused, since it would be ignored: %s', (key, meant) => {
  expect(problems({ [key]: 'x' }, 'call')).toEqual([{ field: key, problem: `is no field, ${meant} is` }]);
  const whole = { webhook_url: URL_OK, webhook_events: [], secret_ref: 'a', metadata: {} };
  expect(parseWebhookConfig({ ...whole, [key]: 1 }, 'call')).toEqual(whole);
});

it('a level that does not exist is refused', () => {
  expect(() => parseWebhookConfig({ webhook_url: URL_OK }, 'calls' as never)).toThrow(
    'webhook settings refused: level: "calls": must be one of call, campaign, account',
  );
  expect(() => parseWebhookConfig({}, 'toString' as never)).toThrow(InvalidInputError);
});

it('settings that throw when they are read are refused, too', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const fail = (): never => {
    throw new Error('a bug of the host');
  };
  const getter = Object.defineProperty({}, 'webhook_url', { get: fail, enumerable: true });
  for (const bad of [proxy, getter, { metadata: proxy }, { metadata: getter }, { webhook_events: proxy }]) {
    expect(() => parseWebhookConfig(bad, 'call')).toThrow(InvalidInputError);
  }
});

it('metadata of a million keys is refused before its values are read', () => {
  let read = 0;
  const metadata = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 1]));
  Object.defineProperty(metadata, 'k0', { get: () => (read += 1), enumerable: true });
  expect(problems({ metadata }, 'call')).toEqual([
    { field: 'metadata', problem: 'an object of 100000 keys: at most 16384 values in all' },
  ]);
  expect(read).toBe(0);
});

it.each([undefined, null, 'https://your-app.com/', []])('%p is no configuration', (config) => {
  expect(problems(config, 'call')[0]?.field).toBe('the input');
});

/** What the client asks Temporal for, with a hand-made Temporal client. With a real server: test/integration. */
import { afterEach, describe, expect, it, jest, test } from '@jest/globals';
import { type Client, ServiceError } from '@temporalio/client';
import {
  InvalidInputError,
  WebhookClient,
  type WebhookClientOptions,
  type WebhookWarning,
} from '../../../client/index.ts';
import type { CallWebhookInput } from '../../../contract/run-messages.ts';
import { aCall, aCallTo, aFailedCall, SECRET } from '../../support/builders.ts';
import { endsAfter, stopClock } from '../../support/stopped-clock.ts';

type Started = { readonly type: string; readonly options: Record<string, unknown> & { args: [CallWebhookInput] } };

/** A client that notes what it would start. */
function aClient(
  options: WebhookClientOptions = {},
  start: () => Promise<unknown> = async () => ({}),
  loadedDataConverter: object = {},
) {
  const started: Started[] = [];
  const warnings: WebhookWarning[] = [];
  const temporal = {
    options: { namespace: 'default', loadedDataConverter },
    withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
    workflow: {
      start: async (type: string, startOptions: Started['options']) => {
        started.push({ type, options: startOptions });
        return start();
      },
    },
  } as unknown as Client;
  const onWarning = (warning: WebhookWarning): void => {
    warnings.push(warning);
  };
  return { webhooks: new WebhookClient(temporal, { onWarning, ...options }), started, warnings };
}

function only(started: readonly Started[]): Started & { readonly input: CallWebhookInput } {
  const [first] = started;
  if (first === undefined || started.length > 1) throw new Error(`${started.length} runs were started`);
  return { ...first, input: first.options.args[0] };
}

describe('callEnded', () => {
  it('starts one run under the id of the call, which a second report finds', async () => {
    const { webhooks, started } = aClient();
    const handle = await webhooks.callEnded(aCall({ call_id: 'call-1' }));
    expect(handle?.workflowId).toBe('call-webhook/call-1');
    expect(only(started)).toMatchObject({
      type: 'callWebhook',
      options: {
        workflowId: 'call-webhook/call-1',
        taskQueue: 'topcalls-webhooks',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
      },
    });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('a bug of the host');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a bug of the host'))],
  ])('loses no event to an onWarning that %s: the warning goes to the process', async (_how, onWarning) => {
    const told = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const { webhooks, started } = aClient({ onWarning });
    const { secret_ref: _unsigned, ...call } = aFailedCall({ webhook_url: 'https://unsigned.example.com/' });
    expect(await webhooks.callEnded(call)).toBeDefined();
    expect(started).toHaveLength(1);
    expect(told.mock.calls).toEqual([
      [expect.stringContaining('go unsigned'), expect.objectContaining({ code: 'unsigned' })],
    ]);
    told.mockRestore();
  });

  it('carries the call, what it expects, its endpoints with ids, and the policy', async () => {
    const { webhooks, started } = aClient({ settleDelayMs: 1, artifactDeadlineMs: 2, retryDelaysMs: [3_000] });
    const webhook_url = 'https://your-app.com/webhooks/call-complete';
    const call = aCall({ call_id: '564d4fd4-03bc-400a-abe0-05540fbeff88', webhook_url, account_id: 'acc_1' });
    await webhooks.callEnded({ ...call, expects: { summary: false } });
    const { input } = only(started);
    expect(input).toMatchObject({
      event: 'call.completed',
      expects: { recording: true, transcript: true, summary: false },
      policy: { settleDelayMs: 1, artifactDeadlineMs: 2, retryDelaysMs: [3_000] },
      searchAttributes: true,
      accountId: 'acc_1',
      endpoints: [
        {
          endpointId: 'ep_zLi-Oa9FBGL3',
          webhookId: 'msg_Obfn9TPizYVrHV5zmnKlCVPy',
          url: webhook_url,
          host: 'your-app.com',
          secretRef: 'main',
        },
      ],
    });
    expect(Object.keys(input.call)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(webhook_|secret_|campaign$|endpoints|expects)/)]),
    );
  });

  it('of a failed call is call.failed', async () => {
    const { webhooks, started } = aClient();
    await webhooks.callEnded(aFailedCall());
    expect(only(started).input.event).toBe('call.failed');
  });

  it('gives undefined, and starts nothing, where nobody subscribed', async () => {
    const { webhooks, started } = aClient();
    expect(await webhooks.callEnded(aCall({ webhook_events: [] }))).toBeUndefined();
    expect(await webhooks.callEnded(aCall({ webhook_events: ['call.failed'] }))).toBeUndefined();
    expect(await webhooks.callEnded(aCall({ webhook_url: undefined as never }))).toBeUndefined();
    expect(started).toEqual([]);
  });

  it('refuses a call it cannot carry, and starts nothing', async () => {
    const { webhooks, started } = aClient();
    await expect(webhooks.callEnded(aCall({ call_id: '' }))).rejects.toBeInstanceOf(InvalidInputError);
    expect(started).toEqual([]);
  });

  it('delivers to ten endpoints, after equal URLs have collapsed, and refuses the eleventh', async () => {
    const { webhooks, started, warnings } = aClient();
    const endpoints = Array.from({ length: 10 }, (_, index) => ({ webhook_url: `https://r${index}.example.com/` }));
    const equal = { webhook_url: 'https://R1.example.com' };
    const account_id = 'acc_1';
    await webhooks.callEnded(
      aCall({ webhook_url: 'https://r0.example.com', endpoints: [...endpoints, equal], account_id }),
    );
    expect(only(started).input.endpoints).toHaveLength(10);
    expect(warnings).toEqual([]);
    await webhooks.callEnded(aCall({ call_id: 'call-11', endpoints, account_id }));
    expect(started[1]?.options.args[0].endpoints.map(({ refusal }) => refusal)).toEqual([
      ...Array.from({ length: 10 }, () => undefined),
      'too_many_endpoints',
    ]);
    expect(warnings).toEqual([
      {
        code: 'too_many_endpoints',
        message:
          'call call-11: endpoints: 11 subscribed; at most 10 get one event. 1 end refused. ' +
          'redeliver({ endpointId }) sends the event to a refused one',
      },
    ]);
  });
});

describe('a handle of a call or campaign', () => {
  it('encodes the id as the start does, and takes a number for text', () => {
    const { webhooks } = aClient();
    expect(webhooks.call('room/42').workflowId).toBe('call-webhook/room%2F42');
    expect(webhooks.call(12_345 as never).workflowId).toBe('call-webhook/12345');
    expect(webhooks.campaign('a b', 'campaign.paused', '1/2').workflowId).toBe(
      'campaign-webhook/a%20b/campaign.paused/1%2F2',
    );
  });

  it('is refused for what cannot be an id', () => {
    const { webhooks } = aClient();
    expect(() => webhooks.call(undefined as never)).toThrow(
      'handle refused: call_id: missing; it must be a text of 1 to 200 characters',
    );
    expect(() => webhooks.campaign('c', 'campaign.paused', 'x'.repeat(201))).toThrow('occurrence');
  });

  it('is refused for an event that campaigns do not have', () => {
    expect(() => aClient().webhooks.campaign('c', 'campaign.start' as never)).toThrow(
      'handle refused: event: must be one of campaign.started, campaign.completed, campaign.paused,',
    );
  });
});

describe('a report whose payload the external storage does not take', () => {
  // As the SDK tells it: an error of gRPC, and below it what the driver threw.
  const cause = Object.assign(new Error('https://u:p@bucket'), { code: 'ECONNREFUSED' });
  const failed = async () => Promise.reject(new ServiceError('Unexpected error while making gRPC request', { cause }));

  it('is the fault of the storage: retryable, nothing was started, and its words are not told', async () => {
    const { webhooks } = aClient({}, failed, { externalStorage: {} });
    await expect(webhooks.callEnded(aCall({ call_id: 'call-1' }))).rejects.toMatchObject({
      name: 'StoredPayloadError',
      code: 'stored_payload',
      retryable: true,
      cause,
      message:
        'the external storage did not take a payload of call-webhook/call-1 (ECONNREFUSED). Nothing was started. ' +
        'Call again once the storage is up: see docs/big-bodies.md.',
    });
  });

  it('is nothing that a client without a storage can have', async () => {
    await expect(aClient({}, failed).webhooks.callEnded(aCall())).rejects.toMatchObject({ name: 'ServiceError' });
  });
});

describe('a handle of a campaign event that can happen more than once', () => {
  it.each(['campaign.paused', 'campaign.resumed', 'campaign.stopped', 'webhook.test'] as const)(
    'is refused for %s without an occurrence: no run has its id',
    (event) => {
      expect(() => aClient().webhooks.campaign('c', event)).toThrow(
        `handle refused: occurrence: missing: ${event} can happen more than once`,
      );
      expect(aClient().webhooks.campaign('c', event, '1').workflowId).toBe(`campaign-webhook/c/${event}/1`);
    },
  );
});

describe('a mistyped option or filter', () => {
  it.each([
    ['an option', () => aClient({ retryDelayMs: [1_000] } as never), '"retryDelayMs" means retryDelaysMs'],
    ['a filter', () => aClient().webhooks.find({ endpoint: 'ep_1' } as never), '"endpoint" means endpointId'],
    ['another filter', () => aClient().webhooks.find({ host: 'a' } as never), 'no field "host"; known are state,'],
    ['a state', () => aClient().webhooks.find({ state: 'fail' as never }), 'must be one of "running", "retrying",'],
  ])('is told with what is allowed: %s', (_what, act, words) => {
    expect(act).toThrow(words);
  });
});

describe('what was repaired', () => {
  const repaired = () => aCall({ call_id: 'call-1', created_at: 1_769_855_400 as never, account_id: 'acc_1' });
  const problem =
    'an integer: read as unix seconds; send an ISO 8601 time with Z or an offset, such as 2025-12-22T10:30:05Z';

  it('is a warning with field and problem, which names the call', async () => {
    const { webhooks, warnings } = aClient();
    await webhooks.callEnded(repaired());
    await webhooks.callEnded(repaired());
    expect(warnings).toEqual([
      { code: 'repaired', field: 'created_at', problem, message: `call call-1: created_at: ${problem}` },
    ]);
  });

  it('stands in the run and in the details that the Web UI shows', async () => {
    const { webhooks, started } = aClient();
    await webhooks.callEnded(repaired());
    const { input, options } = only(started);
    expect(input.repairs).toEqual([{ field: 'created_at', problem }]);
    expect(options['staticDetails']).toContain(`\n\n- \`created_at\`: \`${problem}\``);
  });

  it('is told of each call, however many others there were', async () => {
    const { webhooks, warnings } = aClient();
    for (let index = 0; index < 1_100; index += 1) {
      await webhooks.callEnded({ ...repaired(), call_id: `call-${index}` });
    }
    expect(warnings).toHaveLength(1_100);
  });

  it('is told to the process once for each kind, where the host has no onWarning', async () => {
    const told = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const { webhooks } = aClient({ onWarning: undefined as never });
    await webhooks.callEnded(repaired());
    await webhooks.callEnded({ ...repaired(), call_id: 'call-2' });
    expect(told.mock.calls.map(([text]) => text)).toEqual([`call call-1: created_at: ${problem}`]);
    told.mockRestore();
  });

  it('is nothing where all is well', async () => {
    const { webhooks, started, warnings } = aClient();
    await webhooks.callEnded(aCall({ account_id: 'acc_1' }));
    expect(warnings).toEqual([]);
    expect(only(started).input).not.toHaveProperty('repairs');
    expect(only(started).options['staticDetails']).not.toContain('Repaired');
  });
});

describe('what the Web UI shows from the first second on', () => {
  const options = async (call = aCall({ account_id: 'acc_1' }), clientOptions: WebhookClientOptions = {}) => {
    const { webhooks, started } = aClient(clientOptions);
    await webhooks.callEnded(call);
    return only(started).options;
  };

  it('is event and host, never path, query or phone number', async () => {
    const { staticSummary, staticDetails } = await options(
      aCall({ webhook_url: 'https://your-app.com/secret-path?token=hush' }),
    );
    expect(staticSummary).toBe('call.completed → your-app.com');
    expect(staticDetails).toContain('your-app.com');
    expect(`${String(staticSummary)}${String(staticDetails)}`).not.toMatch(/secret-path|hush|4155551234/);
  });

  it('is a list that the Web UI renders, waits in words, and a link to all runs of an endpoint', async () => {
    const { staticDetails } = await options();
    expect(staticDetails).toMatch(
      /\n\n- `your-app\.com`: endpoint `ep_[^`]+`, webhook-id `msg_[^`]+`, \[all its runs\]/,
    );
    expect(staticDetails).toMatch(/\(\/namespaces\/{namespace}\/workflows\?query=WebhookEndpoints%20%3D%20%22ep_/);
    expect(staticDetails).toContain('at once, then after 1 min, 5 min, 15 min, 1 h, until one is answered with 2xx');
    const bare = await options(aCall(), { searchAttributes: false, retryDelaysMs: [90_000] });
    expect(bare['staticDetails']).not.toContain('all its runs');
    expect(bare['staticDetails']).toContain('at once, then after 90 s, until');
  });

  it('is within the server’s 400 bytes with ten of the longest hosts', async () => {
    const label = 'a'.repeat(60);
    const endpoints = Array.from({ length: 9 }, (_, index) => ({
      webhook_url: `https://r${index}.${label}.${label}.${label}.example.com/`,
    }));
    const { staticSummary, staticDetails } = await options(aCall({ endpoints }));
    expect(Buffer.byteLength(String(staticSummary))).toBeLessThanOrEqual(400);
    expect(Buffer.byteLength(String(staticDetails))).toBeLessThanOrEqual(20_000);
  });

  it('is ids and states in the search attributes', async () => {
    const { typedSearchAttributes } = await options();
    expect(
      (typedSearchAttributes as { key: { name: string; type: string }; value: unknown }[]).map(({ key, value }) => [
        key.name,
        key.type,
        value,
      ]),
    ).toEqual([
      ['WebhookEvent', 'KEYWORD', 'call.completed'],
      ['WebhookState', 'KEYWORD', 'started'],
      ['WebhookEndpoints', 'KEYWORD_LIST', ['ep_zLi-Oa9FBGL3']],
      ['WebhookCampaignId', 'KEYWORD', 'camp_abc123'],
      ['WebhookAccountId', 'KEYWORD', 'acc_1'],
    ]);
  });

  it('is no search attribute where the client uses none', async () => {
    expect((await options(aCall(), { searchAttributes: false }))['typedSearchAttributes']).toEqual([]);
  });
});

describe('warnings', () => {
  const KNOWN =
    'known are call.completed, call.failed, campaign.started, campaign.completed, campaign.paused, campaign.resumed, ' +
    'campaign.stopped';

  it('tell of event names nobody knows, once', async () => {
    const { webhooks, warnings } = aClient();
    const call = (call_id: string) => aCall({ call_id, webhook_events: ['call.completed', 'call.complete'] as never });
    await webhooks.callEnded(call('c1'));
    await webhooks.callEnded(call('c2'));
    expect(warnings).toMatchObject([
      {
        code: 'unknown_event',
        message: `call c1: webhook_events: "call.complete" is not an event and is ignored; ${KNOWN}`,
      },
    ]);
  });

  it('tell it of each account', async () => {
    const { webhooks, warnings } = aClient();
    const webhook_events = ['call.completed', 'call.complete'] as never;
    for (const account_id of ['acc_1', 'acc_2', 'acc_1'])
      await webhooks.callEnded(aCall({ webhook_events, account_id }));
    expect(warnings.map(({ code }) => code)).toEqual(['unknown_event', 'unknown_event']);
  });

  it('tell of event names that are no text; neither they nor a URL that is none loses the call or its other endpoints', async () => {
    const { webhooks, started, warnings } = aClient();
    const webhook_events = [1, null, 'call.completed'] as never;
    const endpoints = [
      { webhook_url: 123 as never },
      { webhook_url: {} as never },
      { webhook_url: 'https://good.example.com/', webhook_events },
    ];
    const call = aCall({ call_id: 'c1', webhook_url: 'https://own.example.com/', endpoints, account_id: 'acc_1' });
    await webhooks.callEnded(call);
    expect(only(started).input.endpoints.map(({ url }) => url)).toEqual([
      'https://own.example.com/',
      // These calls end refused, visible and recorded.
      '(an integer)',
      '(an object)',
      'https://good.example.com/',
    ]);
    expect(warnings.map(({ message }) => message)).toEqual([
      `call c1: endpoints[2].webhook_events: an integer is not an event and is ignored; ${KNOWN}`,
      `call c1: endpoints[2].webhook_events: null is not an event and is ignored; ${KNOWN}`,
    ]);
  });

  it('tell of settings of a campaign or account that lack a webhook_url: they may be misspelt', async () => {
    const { webhooks, warnings } = aClient();
    const misspelt = { url: 'https://your-app.com/hook' } as never;
    await webhooks.callEnded(aCall({ call_id: 'c1', endpoints: [misspelt], campaign: { webhook_url: null } }));
    expect(warnings).toMatchObject([
      { code: 'no_url', message: 'call c1: endpoints[0].webhook_url: is missing, so no webhook goes there' },
    ]);
  });

  it('tell of an endpoint that goes unsigned, by its host only', async () => {
    const { webhooks, warnings } = aClient();
    const { secret_ref: _none, ...call } = aCall({ webhook_url: 'https://your-app.com/hook?token=hush' });
    await webhooks.callEnded(call);
    expect(warnings.map(({ code }) => code)).toEqual(['unsigned']);
    expect(warnings[0]?.message).toContain('your-app.com');
    expect(warnings[0]?.message).not.toContain('hush');
  });

  it('are none where the account signs', async () => {
    const { webhooks, warnings, started } = aClient();
    const { secret_ref: _none, ...call } = aCall({ account_id: 'acc_1' });
    await webhooks.callEnded(call);
    expect(warnings).toEqual([]);
    expect(only(started).input.endpoints[0]?.secretRef).toBe('acc_1');
  });
});

describe('the options of WebhookClient', () => {
  const problemsOf = (options: object) => {
    try {
      aClient(options);
    } catch (error) {
      if (error instanceof InvalidInputError) return error.problems;
      throw error;
    }
    throw new Error('the options were accepted');
  };

  it('have the defaults of the vendor’s page', async () => {
    const { webhooks, started } = aClient();
    await webhooks.callEnded(aCall());
    expect(only(started).input.policy).toEqual({
      settleDelayMs: 15_000,
      artifactDeadlineMs: 60_000,
      retryDelaysMs: [60_000, 300_000, 900_000, 3_600_000],
    });
  });

  it.each([
    ['a mistyped name', { settleDelay: 1 }, 'the input'],
    ['a ladder of eleven waits', { retryDelaysMs: Array.from({ length: 11 }, () => 1_000) }, 'retryDelaysMs'],
    ['a wait below a second', { retryDelaysMs: [999] }, 'retryDelaysMs[0]'],
    ['a wait above a day', { retryDelaysMs: [1_000, 86_400_001] }, 'retryDelaysMs[1]'],
    ['a fraction of a millisecond', { retryDelaysMs: [1_000.5] }, 'retryDelaysMs[0]'],
    ['NaN', { settleDelayMs: Number.NaN }, 'settleDelayMs'],
    ['a negative settle delay', { settleDelayMs: -1 }, 'settleDelayMs'],
    ['a duration in words', { artifactDeadlineMs: '60s' }, 'artifactDeadlineMs'],
    ['a start timeout of nothing', { startTimeoutMs: 0 }, 'startTimeoutMs'],
    ['somebody else who waits', { settle: 'cron' }, 'settle'],
    ['an empty task queue', { taskQueue: '' }, 'taskQueue'],
    ['a warning sink that is no function', { onWarning: true }, 'onWarning'],
  ])('refuse %s at once, before the first call', (_what, options, field) => {
    expect(problemsOf(options).map((problem) => problem.field)).toEqual([field]);
  });

  it('let the server wait for the settle delay where they say so, if the event has one', async () => {
    const { webhooks, started } = aClient({ settle: 'startDelay' });
    const { webhooks: timers, started: timed } = aClient();
    await webhooks.callEnded(aCall());
    await webhooks.callEnded(aFailedCall());
    await timers.callEnded(aCall());
    expect(started.map(({ options }) => options['startDelay'])).toEqual([15_000, undefined]);
    // An undefined value is no option, too. But the SDK is told nothing that nobody said.
    expect([started[1], timed[0]].map((each) => Object.keys(each?.options ?? {}).includes('startDelay'))).toEqual([
      false,
      false,
    ]);
    // The workflow's input is the same: it settles by the server's times, whoever waits.
    expect(started[0]?.options.args[0].policy).toEqual(timed[0]?.options.args[0].policy);
    const details = started.map(({ options }) => String(options['staticDetails']));
    expect(details[0]).toContain('It rests for 15 s first. The server waits (start delay)');
    expect(details[1]).not.toContain('It rests');
  });

  it.each([
    ['no retries', { retryDelaysMs: [] }],
    ['ten of them, in any order', { retryDelaysMs: [86_400_000, ...Array.from({ length: 9 }, () => 1_000)] }],
    ['no settling and no waiting', { settleDelayMs: 0, artifactDeadlineMs: 0 }],
  ])('take %s', (_what, options) => {
    expect(() => aClient(options)).not.toThrow();
  });
});

describe('a Temporal that is not there', () => {
  afterEach(() => void jest.useRealTimers());

  test('fails the start within startTimeoutMs as retryable, with what to do', async () => {
    const { webhooks } = aClient({ startTimeoutMs: 100 }, () => new Promise(() => undefined));
    stopClock();
    const start = webhooks.callEnded(aCall({ call_id: 'call-1' }));
    await expect(endsAfter(100, start)).rejects.toMatchObject({
      name: 'TemporalUnavailableError',
      code: 'temporal_unavailable',
      retryable: true,
      message: expect.stringContaining(
        'within 100 ms (starting call-webhook/call-1). The run may still have been started.',
      ),
    });
  });

  test.each([
    [14, 'connection refused', 'TemporalUnavailableError', true],
    [4, 'deadline exceeded', 'TemporalUnavailableError', true],
    [
      3,
      'Namespace default has no mapping defined for search attribute WebhookEvent',
      'SearchAttributesMissingError',
      false,
    ],
    [5, 'Namespace default is not found.', 'NamespaceNotFoundError', false],
    [7, 'Request unauthorized.', 'TemporalRefusedError', false],
    [8, 'namespace rate limit exceeded', 'TemporalRefusedError', true],
    [9, 'Namespace is being deleted.', 'TemporalRefusedError', false],
    [12, 'unknown service', 'TemporalRefusedError', false],
    [16, 'no token', 'TemporalRefusedError', false],
    [2, 'Stream removed', 'TemporalRefusedError', true],
    [10, 'conflict', 'TemporalRefusedError', true],
    [11, 'out of range', 'TemporalRefusedError', true],
    [13, 'Received RST_STREAM with code 2', 'TemporalRefusedError', true],
    [15, 'data loss', 'TemporalRefusedError', true],
  ])('gRPC status %p (%s) is %s, retryable %p', async (code, details, name, retryable) => {
    const grpc = Object.assign(new Error(details), { code, details, metadata: {} });
    const { webhooks } = aClient({}, () => Promise.reject(new Error('Failed to start workflow', { cause: grpc })));
    await expect(webhooks.callEnded(aCall())).rejects.toMatchObject({ name, retryable });
  });

  test('other errors are passed on as they are', async () => {
    const bug = new TypeError('a bug');
    const { webhooks } = aClient({}, () => Promise.reject(bug));
    await expect(webhooks.callEnded(aCall())).rejects.toBe(bug);
  });
});

test('call() makes a handle and no request', () => {
  const { webhooks, started } = aClient();
  expect(webhooks.call('call-1').workflowId).toBe('call-webhook/call-1');
  expect(started).toEqual([]);
});

describe('an account_id that came and cannot be used', () => {
  const SIGNED = { webhook_url: 'https://signed.example.com/', secret_ref: 'own' };
  const NEEDS_ACCOUNT = { webhook_url: 'https://needs-account.example.com/' };
  const unreadable = (): unknown => {
    throw new Error('no account');
  };

  test.each<[unknown, string]>([
    [{ id: 'acct_1' }, 'secret_ref_invalid'],
    ['x'.repeat(201), 'secret_ref_invalid'],
    [SECRET, 'secret_in_reference'],
    [unreadable, 'secret_ref_invalid'],
  ])('%p makes nothing go unsigned: endpoints without a secret_ref end refused (%s)', async (value, refusal) => {
    const { webhooks, started, warnings } = aClient();
    const get = value === unreadable ? unreadable : () => value;
    const call = aCallTo([SIGNED, NEEDS_ACCOUNT]);
    await webhooks.callEnded(Object.defineProperty(call, 'account_id', { enumerable: true, get }));
    const { input, options } = only(started);
    expect(input.endpoints).toMatchObject([{ secretRef: 'own' }, { refusal }]);
    expect(input.endpoints.map(({ secretRef }) => secretRef)).toEqual(['own', undefined]);
    expect(input.accountId).toBeUndefined();
    expect(warnings.filter(({ field }) => field === 'account_id')).toHaveLength(1);
    expect(JSON.stringify([options, warnings])).not.toContain(SECRET);
  });

  test('also refuses the endpoint of a campaign event', async () => {
    const { webhooks, started } = aClient();
    const event = { event: 'campaign.started', campaign_id: 'c1', ...NEEDS_ACCOUNT, account_id: SECRET } as const;
    await webhooks.campaignEvent(event as never);
    expect(only(started).input.endpoints).toMatchObject([{ refusal: 'secret_in_reference' }]);
  });

  test('that is missing, null or empty is none: such webhooks go unsigned, with a warning', async () => {
    for (const account_id of [undefined, null, '']) {
      const { webhooks, started, warnings } = aClient();
      await webhooks.callEnded(aCallTo([NEEDS_ACCOUNT], { account_id }));
      expect(only(started).input.endpoints[0]).not.toHaveProperty('refusal');
      expect(warnings.map(({ code }) => code)).toEqual(['unsigned']);
    }
  });
});

test('texts that become one endpoint id are one endpoint, so that the run is not refused', async () => {
  const { webhooks, started } = aClient();
  const texts = ['half \uD83D', 'half \uD83E', 'half \uFFFD'];
  await webhooks.callEnded(aCallTo(texts.map((webhook_url) => ({ webhook_url, secret_ref: 'own' }))));
  expect(only(started).input.endpoints).toHaveLength(1);
});

test('of many repairs the run carries 24, and the last entry counts the others', async () => {
  const { webhooks, started } = aClient();
  const endpoints = Array.from({ length: 30 }, (_, at) => ({
    webhook_url: `https://r${at}.example.com`,
    secretRef: 'x',
  }));
  await webhooks.callEnded(aCallTo(endpoints, { duration: 'long' as never }));
  const repairs = only(started).input.repairs ?? [];
  expect(repairs).toHaveLength(25);
  expect(repairs.at(-1)).toEqual({ field: 'more', problem: 'at least 2 more repairs; onWarning tells them' });
});

/** A call or event that was reported before: nothing is started, and what differs is told. */
import { describe, expect, it, test } from '@jest/globals';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { WebhookClient, type WebhookWarning } from '../../../client/index.ts';
import type { AnyRunInput } from '../../../contract/run-messages.ts';
import type { CallEnded } from '../../../contract/index.ts';
import { aCall, aFailedCall } from '../../support/builders.ts';

/** A server that keeps the first input of each id. It counts the requests. */
class Server {
  readonly inputs = new Map<string, unknown>();
  readonly requests: string[] = [];
  readonly warnings: WebhookWarning[] = [];
  readonly webhooks: WebhookClient;
  /** Errors of the next reads. */
  readonly readErrors: Error[] = [];

  constructor() {
    const temporal = {
      options: {
        namespace: 'default',
        loadedDataConverter: {
          payloadConverter: defaultPayloadConverter,
          failureConverter: defaultFailureConverter,
          payloadCodecs: [],
        },
      },
      withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
      workflow: {
        start: async (type: string, { workflowId, args }: { workflowId: string; args: unknown[] }) => {
          this.requests.push('start');
          if (this.inputs.has(workflowId)) throw new WorkflowExecutionAlreadyStartedError('already', workflowId, type);
          this.inputs.set(workflowId, args[0]);
        },
      },
      workflowService: {
        getWorkflowExecutionHistory: async (request: {
          execution: { workflowId: string };
          maximumPageSize: number;
        }) => {
          this.requests.push(`read ${request.maximumPageSize}`);
          const error = this.readErrors.shift();
          if (error !== undefined) throw error;
          const payload = defaultPayloadConverter.toPayload(this.inputs.get(request.execution.workflowId));
          const started = { input: { payloads: [payload] } };
          return { history: { events: [{ eventId: 1, workflowExecutionStartedEventAttributes: started }] } };
        },
      },
    } as unknown as Client;
    this.webhooks = new WebhookClient(temporal, { onWarning: (warning) => void this.warnings.push(warning) });
  }

  /** Reports the call, and tells what became of it. */
  async report(call: CallEnded) {
    const before = this.warnings.length;
    const handle = await this.webhooks.callEnded(call);
    return { alreadyReported: handle?.alreadyReported, warnings: this.warnings.slice(before) };
  }
}

const CALL = aCall({ call_id: 'c1', account_id: 'acct_1' });

describe('alreadyReported', () => {
  it('is false for the first report, which is one request, and true for each later one', async () => {
    const server = new Server();
    expect(await server.report(CALL)).toEqual({ alreadyReported: false, warnings: [] });
    expect(server.requests).toEqual(['start']);
    expect(await server.report(structuredClone(CALL))).toEqual({ alreadyReported: true, warnings: [] });
    expect(await server.report(CALL)).toEqual({ alreadyReported: true, warnings: [] });
    expect(server.requests).toEqual(['start', 'start', 'read 1', 'start', 'read 1']);
  });

  it('is undefined for a handle that asked nobody', () => {
    expect(new Server().webhooks.call('c1').alreadyReported).toBeUndefined();
    expect(new Server().webhooks.campaign('p1', 'campaign.started').alreadyReported).toBeUndefined();
  });

  it('is false again where retention removes the run between the start and the read', async () => {
    const server = new Server();
    await server.report(CALL);
    const gone = Object.assign(new Error('gone'), { code: 5, details: 'not found', metadata: {} });
    server.readErrors.push(gone);
    const start = server.webhooks.callEnded(CALL);
    server.inputs.clear();
    // The start that the fake refused had been asked before.
    expect((await start)?.alreadyReported).toBe(false);
  });
});

describe('a second report that differs is told, without any value', () => {
  const FIRST = 'The first report counts: nothing is sent for this one. Report a call once, when it is over';

  it.each<[string, Partial<CallEnded>, string]>([
    ['a number', { duration: 3 }, 'duration'],
    ['two fields', { phone_number: '+14155550199', answered_by: 'machine' }, 'phone_number, answered_by'],
    ['a field that is missing now', { lead_id: null }, 'lead_id'],
    ['deep in metadata', { metadata: { a: { b: [1, 2] } } }, 'metadata'],
    ['another endpoint', { webhook_url: 'https://other.example.com/' }, 'endpoints'],
  ])('%s', async (_what, change, fields) => {
    const server = new Server();
    await server.report({ ...CALL, lead_id: 'l1' });
    const { alreadyReported, warnings } = await server.report({ ...CALL, lead_id: 'l1', ...change });
    expect(alreadyReported).toBe(true);
    expect(warnings).toEqual([
      {
        code: 'reported_differently',
        message: `call c1 was reported before with other data (${fields}). ${FIRST}`,
      },
    ]);
  });

  it('failed, then completed', async () => {
    const server = new Server();
    await server.report(
      aFailedCall({ call_id: 'c1', created_at: '2025-12-22T10:30:00Z', duration: 2.5, answered_by: 'human' }),
    );
    const completed = aCall({ call_id: 'c1', created_at: '2025-12-22T10:30:00Z', duration: 2.5, answered_by: 'human' });
    expect((await server.report(completed)).warnings.map(({ message }) => message)).toEqual([
      'call c1 was reported before as call.failed, and now as call.completed. ' +
        `Other data, too: call_status. ${FIRST}`,
    ]);
  });

  it('each time, and for each call', async () => {
    const server = new Server();
    for (const call_id of ['c1', 'c2']) {
      await server.report({ ...CALL, call_id });
      for (let time = 1; time <= 2; time += 1) {
        const { warnings } = await server.report({ ...CALL, call_id, duration: 3 });
        expect(warnings).toHaveLength(1);
      }
    }
  });

  it('but not the order of keys, nor how an endpoint’s URL is written', async () => {
    const server = new Server();
    await server.report({ ...CALL, metadata: { a: 1, b: { c: 2, d: 3 } }, webhook_url: 'https://crm.example.com/h' });
    const again = { metadata: { b: { d: 3, c: 2 }, a: 1 }, webhook_url: 'HTTPS://CRM.example.com/h#top' };
    expect((await server.report({ ...CALL, ...again })).warnings).toEqual([]);
  });

  it('nor endpoints that a redelivery left out', async () => {
    const server = new Server();
    await server.report(CALL);
    const input = server.inputs.get('call-webhook/c1') as AnyRunInput;
    const [endpoint] = input.endpoints;
    const other = { ...endpoint, endpointId: 'ep_other' };
    const alreadyEnded = [{ endpoint, outcome: { attempts: [] } }];
    server.inputs.set('call-webhook/c1', { ...input, endpoints: [other], redelivery: { cycle: 2, alreadyEnded } });
    expect((await server.report(CALL)).warnings.map(({ message }) => message.slice(0, 61))).toEqual([
      'call c1 was reported before with other data (endpoints). The ',
    ]);
    server.inputs.set('call-webhook/c1', { ...input, endpoints: [], redelivery: { cycle: 2, alreadyEnded } });
    expect((await server.report(CALL)).warnings).toEqual([]);
  });

  it('of a campaign event, too', async () => {
    const server = new Server();
    const event = {
      event: 'campaign.started' as const,
      campaign_id: 'p1',
      name: 'Spring',
      status: 'running',
      total_leads: 1,
      stats: { pending: 1 },
      created_at: '2026-01-31T10:30:00Z',
      webhook_url: 'https://crm.example.com/',
      secret_ref: 'main',
    };
    await server.webhooks.campaignEvent(event);
    const handle = await server.webhooks.campaignEvent({ ...event, name: 'Summer' });
    expect(handle?.alreadyReported).toBe(true);
    expect(server.warnings).toEqual([
      {
        code: 'reported_differently',
        message: `campaign.started of campaign p1 was reported before with other data (name). ${FIRST}`,
      },
    ]);
  });
});

describe('an id that another account has used', () => {
  it.each([
    ['another account', 'acct_1', 'acct_2'],
    ['an account, where the first had none', undefined, 'acct_2'],
    ['none, where the first had an account', 'acct_1', undefined],
  ])('is refused: reported with %s', async (_what, first, second) => {
    const server = new Server();
    const call = (account_id: string | undefined) => ({
      ...CALL,
      lead_id: 'hush-hush',
      account_id: account_id as string,
    });
    await server.report(call(first));
    const error: Error = await server.webhooks.callEnded({ ...call(second), duration: 9 }).then(
      () => new Error('it was given a handle'),
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ name: 'IdOfAnotherAccountError', code: 'id_of_another_account', retryable: false });
    expect(error.message).toBe(
      'call-webhook/c1 was reported with another account_id, or with none: nothing was started. Ids must be unique ' +
        'across accounts: put the account into the id, or report with the account_id of the first report.',
    );
    expect(JSON.stringify([error.message, error.cause, server.warnings])).not.toMatch(/acct_|hush/);
  });

  it('is not refused to the account that used it, nor where there are no accounts', async () => {
    for (const account_id of ['acct_1', undefined as never, null as never, '' as never]) {
      const server = new Server();
      await server.report({ ...CALL, account_id });
      expect((await server.report({ ...CALL, account_id })).alreadyReported).toBe(true);
    }
  });
});

test.each([
  ['no input', undefined],
  ['an input of something else', { hello: 'world' }],
  ['an input without data', { event: 'call.completed', endpoints: [] }],
])('a run that cannot be read (%s) is not taken for a report of this account', async (_what, input) => {
  const server = new Server();
  server.inputs.set('call-webhook/c1', input);
  await expect(server.webhooks.callEnded(CALL)).rejects.toMatchObject({ code: 'unreadable_run', retryable: false });
});

test('a server that goes away between the start and the read is unavailable: the caller tries again', async () => {
  const server = new Server();
  await server.report(CALL);
  server.readErrors.push(Object.assign(new Error('away'), { code: 14, details: 'away', metadata: {} }));
  await expect(server.webhooks.callEnded(CALL)).rejects.toMatchObject({
    code: 'temporal_unavailable',
    retryable: true,
  });
  expect((await server.report(CALL)).alreadyReported).toBe(true);
});

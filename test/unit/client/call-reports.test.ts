/** Reports of other languages: what comes as JSON becomes what the TypeScript client makes of it. */
import { describe, expect, it, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import fc from 'fast-check';
import { callReports, type ReportAnswer, type ReportOptions } from '../../../client/index.ts';
import { aCall } from '../../support/builders.ts';
import { aNotingClient, aNotingTemporal, type StartedRun } from '../../support/noting-client.ts';
import { aReportedCall, aReportedCampaignEvent } from '../../support/reported-records.ts';

type Reported = { readonly started: readonly StartedRun[]; readonly answer?: ReportAnswer; readonly refused?: string };

/** What becomes of a report that a worker of the task queue `engine` takes. */
async function reported(input: unknown, more?: unknown, options: ReportOptions = {}): Promise<Reported> {
  const { temporal: client, started } = aNotingTemporal();
  try {
    const answer = await callReports(options).report(input, more, { client, taskQueue: 'engine' });
    return { started, answer };
  } catch (error) {
    return { started, refused: String(error) };
  }
}

/** The same of the client. */
async function byClient(report: (client: ReturnType<typeof aNotingClient>['webhooks']) => Promise<unknown>) {
  const { webhooks, started, warnings } = aNotingClient({ taskQueue: 'engine' });
  const refused = await report(webhooks).then(() => undefined, String);
  return { started, warnings, refused };
}

describe('any JSON', () => {
  const asSent = (value: unknown): string =>
    JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? Number(each) : each)) ?? 'null';

  test('of a call becomes what the client makes of it: run, warnings, or a refusal in the same words', async () => {
    let startedRuns = 0;
    await fc.assert(
      fc.asyncProperty(aReportedCall().map(asSent), async (json) => {
        const { started, answer, refused } = await reported(JSON.parse(json));
        const expected = await byClient((webhooks) => webhooks.callEnded(JSON.parse(json) as never));
        expect({ started, refused }).toEqual({ started: expected.started, refused: expected.refused });
        if (answer === undefined) return;
        startedRuns += started.length;
        expect(answer.warnings).toEqual(expected.warnings);
        expect(answer).toMatchObject({ subscribed: started.length === 1, workflowId: started[0]?.workflowId ?? null });
        expect(answer.webhooks.map(({ webhookId }) => webhookId)).toEqual(
          (started[0]?.input.endpoints ?? []).map(({ webhookId }) => webhookId),
        );
      }),
      { numRuns: 150 },
    );
    expect(startedRuns).toBeGreaterThan(15);
  });

  test('of a campaign event likewise', async () => {
    let startedRuns = 0;
    await fc.assert(
      fc.asyncProperty(aReportedCampaignEvent().map(asSent), async (json) => {
        const event = JSON.parse(json) as { readonly event?: unknown; readonly campaign_id?: unknown };
        // Without both nobody knows that it was meant as one.
        fc.pre(typeof event.event === 'string' && (event.campaign_id ?? null) !== null && !('call_id' in event));
        const { started, answer, refused } = await reported(event);
        const expected = await byClient((webhooks) => webhooks.campaignEvent(JSON.parse(json) as never));
        expect({ started, refused }).toEqual({ started: expected.started, refused: expected.refused });
        if (answer !== undefined) expect(answer.warnings).toEqual(expected.warnings);
        startedRuns += started.length;
      }),
      { numRuns: 150 },
    );
    expect(startedRuns).toBeGreaterThan(15);
  });
});

describe('a report', () => {
  it('answers with the ids that the client gives', async () => {
    const call = aCall({ call_id: '564d4fd4-03bc-400a-abe0-05540fbeff88' });
    const { answer } = await reported(call);
    expect(answer).toEqual({
      subscribed: true,
      workflowId: 'call-webhook/564d4fd4-03bc-400a-abe0-05540fbeff88',
      alreadyReported: false,
      reportedDifferently: null,
      webhooks: [{ endpointId: 'ep_zLi-Oa9FBGL3', host: 'your-app.com', webhookId: 'msg_Obfn9TPizYVrHV5zmnKlCVPy' }],
      warnings: [],
    });
  });

  it('to which nobody has subscribed starts nothing, and is no error', async () => {
    const { answer, started } = await reported(aCall({ webhook_events: [] }));
    expect(started).toEqual([]);
    expect(answer).toMatchObject({ subscribed: false, workflowId: null, alreadyReported: false, webhooks: [] });
  });

  it('tells its warnings each time, also those that an earlier one had', async () => {
    const odd = { ...aCall(), account_id: undefined, secret_ref: undefined, duration: '2.5' };
    const reports = callReports();
    for (const _each of [1, 2]) {
      const { temporal: client } = aNotingTemporal();
      const { warnings } = await reports.report(odd, undefined, { client, taskQueue: 'engine' });
      expect(warnings.map(({ code }) => code)).toEqual(['repaired', 'unsigned']);
    }
  });

  it('may come as JSON text or as its bytes', async () => {
    const call = aCall();
    const forms = [call, JSON.stringify(call), Buffer.from(JSON.stringify(call))];
    for (const form of forms) expect((await reported(form)).answer?.workflowId).toBe(`call-webhook/${call.call_id}`);
  });

  it.each([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a word', 'hello', 'a string of 5 characters'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe]), 'a string of 2 characters'],
    ['a list', [aCall()], 'an array'],
    ['a number', 7, 'an integer'],
  ])('of %s is refused in words', async (_what, input, kind) => {
    const { refused, started } = await reported(input);
    expect(started).toEqual([]);
    expect(refused).toMatch(/^InvalidInputError: ended call refused: the input: .*must be an object/);
    expect(refused).toContain(kind);
  });

  it.each([
    ['a call', { call_id: 'c', status: 'failed' }, 'call-webhook/c'],
    ['a call of a campaign', { call_id: 'c', status: 'failed', campaign_id: 'k' }, 'call-webhook/c'],
    ['a call with an event of its engine', { call_id: 'c', status: 'failed', event: 'hangup' }, 'call-webhook/c'],
    [
      'a call with the name of its own event',
      { call_id: 'c', status: 'failed', event: 'call.failed' },
      'call-webhook/c',
    ],
    ['a campaign event', { event: 'campaign.started', campaign_id: 'k' }, 'campaign-webhook/k/campaign.started'],
    ['one in other letters', { event: 'Campaign.Started', campaign_id: 'k' }, 'campaign-webhook/k/campaign.started'],
    [
      'one of a table of both',
      { event: 'campaign.started', campaign_id: 'k', call_id: null },
      'campaign-webhook/k/campaign.started',
    ],
    ['a test', { event: 'webhook.test', campaign_id: 'k', occurrence: '1' }, 'campaign-webhook/k/webhook.test/1'],
  ])('knows %s', async (_what, fields, workflowId) => {
    const { started } = await reported({ ...fields, webhook_url: 'https://your-app.com/' });
    expect(started.map((run) => run.workflowId)).toEqual([workflowId]);
  });

  it('with a mistyped event of a campaign is refused as one, with the names that exist', async () => {
    const { refused } = await reported({ event: 'campaign.begun', campaign_id: 'k' });
    expect(refused).toContain('campaign event of k refused: event');
    expect(refused).toContain('campaign.started');
  });
});

describe('options', () => {
  const policyOf = ({ started: [run] }: Reported) => run?.input.policy;

  it('of the worker hold, unless the report says otherwise', async () => {
    const options = { retryDelaysMs: [5_000], settleDelayMs: 1_000 };
    expect(policyOf(await reported(aCall(), undefined, options))).toMatchObject(options);
    expect(policyOf(await reported(aCall(), null, options))).toMatchObject(options);
    const more = { settleDelayMs: 0 };
    expect(policyOf(await reported(aCall(), more, options))).toMatchObject({ ...options, settleDelayMs: 0 });
  });

  it('send the run to the task queue of the worker, unless one is named', async () => {
    const queueOf = ({ started: [run] }: Reported) => run?.taskQueue;
    expect(queueOf(await reported(aCall()))).toBe('engine');
    expect(queueOf(await reported(aCall(), {}, { taskQueue: 'webhooks' }))).toBe('webhooks');
    expect(queueOf(await reported(aCall(), { taskQueue: 'mine' }, { taskQueue: 'webhooks' }))).toBe('mine');
  });

  it.each([
    ['a word', 'fast', 'options of the report refused: the options: a string of 4 characters: must be an object'],
    ['an unknown name', { settleDelay: 1 }, 'perhaps "settleDelay" means settleDelayMs'],
    [
      'a wrong wait',
      { retryDelaysMs: [1] },
      'options of the report refused: retryDelaysMs[0]: an integer: at least 1000',
    ],
    ['a function of the client', { onWarning: 1 }, 'no field "onWarning"; known are taskQueue, startTimeoutMs,'],
  ])('that are %s refuse the report', async (_what, more, words) => {
    const { refused, started } = await reported(aCall(), more);
    expect(started).toEqual([]);
    expect(refused).toContain(words);
  });

  it('of the worker are checked where it is made', () => {
    expect(() => callReports({ settleDelayMs: -1 })).toThrow('options of callReports refused');
    expect(() => callReports({ onWarning: () => undefined } as never)).toThrow('no field "onWarning"');
  });
});

/** As the worker's connection throws it: the server's words are in the message, and `details` is empty. */
function ofWorkersConnection(code: number, words: string): Error {
  return Object.assign(new Error(words), { code, details: '', metadata: {} });
}

test.each([
  [3, 'Namespace default has no mapping defined for search attribute WebhookEvent', 'SearchAttributesMissingError'],
  [5, 'Namespace default is not found.', 'NamespaceNotFoundError'],
  [
    7,
    'Request unauthorized.',
    'TemporalRefusedError: Temporal refused .* \\(PERMISSION_DENIED\\): Request unauthorized',
  ],
  [14, 'connection refused', 'TemporalUnavailableError: .* The connection says: connection refused'],
])('an answer %i of a worker’s own connection is told as the client tells it: %s', async (code, words, told) => {
  const client = {
    options: { namespace: 'default' },
    withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
    workflow: {
      start: () => Promise.reject(new Error('failed to start', { cause: ofWorkersConnection(code, words) })),
    },
  } as unknown as Client;
  const report = callReports().report(aCall(), undefined, { client, taskQueue: 'engine' });
  await expect(report.then(String, String)).resolves.toMatch(new RegExp(`^${told}`));
});

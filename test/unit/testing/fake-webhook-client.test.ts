/** The fake client: what a host's test sees of reports, handles and an absent server. No server is there. */
import { describe, expect, it, test } from '@jest/globals';
import { MemoryDeliveryLog } from '../../../adapters/index.ts';
import { SearchAttributesMissingError, type WebhookClient } from '../../../client/index.ts';
import { FakeWebhookClient, type FakeAnswer } from '../../../testing/index.ts';
import { aCall, aCallTo, aFailedCall } from '../../support/builders.ts';

const PAUSED = {
  event: 'campaign.paused',
  campaign_id: 'camp-1',
  name: 'Outreach',
  status: 'paused',
  total_leads: 1,
  stats: { pending: 1 },
  created_at: '2026-01-31T10:00:00Z',
  occurrence: '1',
  webhook_url: 'https://your-app.com/campaigns',
  secret_ref: 'main',
} as const;
const SUBSCRIBED = { ...PAUSED, webhook_events: ['campaign.paused'] } as const;

/** A fake, and the run of one reported call. */
async function reported(call = aFailedCall(), webhooks = new FakeWebhookClient()) {
  const handle = await webhooks.callEnded(call);
  if (handle === undefined) throw new Error('nobody subscribed');
  return { webhooks, handle, run: webhooks.run(handle) };
}

describe('a report', () => {
  it('is recorded as it came, with its run; the same report again starts nothing', async () => {
    const webhooks: WebhookClient = new FakeWebhookClient();
    const fake = webhooks as FakeWebhookClient;
    const call = aCall({ call_id: 'call-1', duration: 2.5 });
    const first = await webhooks.callEnded(call);
    const second = await webhooks.callEnded({ ...call, duration: 3 });
    expect([first?.alreadyReported, second?.alreadyReported]).toEqual([false, true]);
    expect(second?.reportedDifferently).toContain('other data (duration)');
    expect(fake.reports).toMatchObject([
      { method: 'callEnded', outcome: 'started', workflowId: 'call-webhook/call-1', report: { duration: 2.5 } },
      { method: 'callEnded', outcome: 'already_reported', report: { duration: 3 } },
    ]);
    expect(fake.reports[0]?.run).toBe(fake.run('call-webhook/call-1'));
    expect(fake.run('call-webhook/call-1').input).toMatchObject({
      event: 'call.completed',
      endpoints: [{ endpointId: 'ep_zLi-Oa9FBGL3', host: 'your-app.com', secretRef: 'main' }],
    });
    expect(fake.warnings).toMatchObject([{ code: 'reported_differently' }]);
  });

  it('that nobody subscribed to gives undefined; one that cannot be sent is rejected', async () => {
    const webhooks = new FakeWebhookClient();
    expect(await webhooks.campaignEvent(PAUSED)).toBeUndefined();
    await expect(webhooks.callEnded({} as never)).rejects.toMatchObject({ code: 'invalid_input' });
    expect(webhooks.reports.map(({ method, outcome }) => [method, outcome])).toEqual([
      ['campaignEvent', 'not_subscribed'],
      ['callEnded', 'rejected'],
    ]);
    expect(webhooks.reports[1]?.error).toMatchObject({ code: 'invalid_input' });
  });

  it('is repaired and warned of as by the real client, and the host’s onWarning hears it too', async () => {
    const heard: string[] = [];
    const webhooks = new FakeWebhookClient({ onWarning: ({ code }) => void heard.push(code) });
    const { handle } = await reported(aCall({ created_at: 1_769_855_400 as never }), webhooks);
    expect(webhooks.warnings).toMatchObject([{ code: 'repaired', field: 'created_at' }]);
    expect(heard).toEqual(['repaired']);
    expect((await handle.status()).repairs).toMatchObject([{ field: 'created_at' }]);
  });

  it('of an id of another account, or of a mistyped option, is refused as by the real client', async () => {
    const { webhooks } = await reported(aCall({ call_id: 'call-1', account_id: 'acct_1' }));
    const other = webhooks.callEnded(aCall({ call_id: 'call-1', account_id: 'acct_2' }));
    await expect(other).rejects.toMatchObject({ code: 'id_of_another_account' });
    expect(() => new FakeWebhookClient({ retryDelayMs: [1] } as never)).toThrow('"retryDelayMs" means retryDelaysMs');
    expect(() => new FakeWebhookClient({ onWarning: 'yes' as never })).toThrow('onWarning: ');
  });

  it('by test() is a webhook.test to any endpoint, with one attempt, a new one each time', async () => {
    const webhooks = new FakeWebhookClient();
    const settings = { webhook_url: 'https://your-app.com/hook', secret_ref: 'main' };
    const [one, other, same] = [
      await webhooks.test(settings),
      await webhooks.test({ ...settings, occurrence: 'try-1' }),
      await webhooks.test({ ...settings, occurrence: 'try-1' }),
    ];
    expect([one, other, same].map(({ alreadyReported }) => alreadyReported)).toEqual([false, false, true]);
    webhooks.run(one).fail(500);
    expect(await one.result()).toMatchObject({
      event: 'webhook.test',
      state: 'failed',
      deliveries: [{ attempts: [{}] }],
    });
    expect(webhooks.run(one).body).toContain('{"event":"webhook.test","campaign_id":"test-ep_');
    for (const wrong of [
      {},
      { webhook_url: ' ' },
      { webhookUrl: 'https://a.example.com' },
      { ...settings, secret_ref: 'whsec_x' },
    ])
      await expect(webhooks.test(wrong as never)).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

describe('a run', () => {
  it('rests until the test says what happens: settling, and delivering where nothing settles', async () => {
    const { handle, run } = await reported(aCall());
    const settlesUntil = new Date(run.startedAtMs + 15_000).toISOString();
    expect(await handle.status()).toMatchObject({ state: 'settling', settlesUntil });
    expect(await (await reported()).handle.status()).toMatchObject({ state: 'delivering' });
  });

  it.each<[string, readonly FakeAnswer[], object]>([
    ['delivered by 200', [200], { state: 'delivered' }],
    ['delivered at the third attempt', [503, 500, 204], { state: 'delivered' }],
    ['gone by 410', [503, 410], { state: 'gone', reason: 'http_410' }],
    ['failed after five attempts', [500, 500, 500, 500, 503], { state: 'failed', reason: 'http_503' }],
    ['refused by our own rules', [{ outcome: 'refused', code: 'address' }], { state: 'refused', reason: 'address' }],
    [
      'failed without an answer',
      Array.from({ length: 5 }, () => ({ outcome: 'network', code: 'connect_refused' }) as const),
      { state: 'failed', reason: 'connect_refused' },
    ],
    [
      'delivered once our own side can send',
      [{ outcome: 'not_sent', code: 'secret_store_down' }, 200],
      { state: 'delivered' },
    ],
  ])('is %s', async (_how, answers, delivery) => {
    const { handle, run } = await reported();
    for (const answer of answers) run.answer(answer);
    const sent = answers.filter((answer) => typeof answer === 'number' || answer.outcome !== 'not_sent');
    const result = await handle.result();
    expect(result.deliveries).toMatchObject([delivery]);
    expect(result.deliveries[0]?.attempts.map(({ number }) => number)).toEqual(sent.map((_answer, index) => index + 1));
    expect((await handle.status()).state).toBe(result.state);
    expect(() => run.answer(200)).toThrow('has no attempt left');
  });

  it('climbs the ladder: each attempt is due a minute, 5, 15 and 60 minutes after the one before', async () => {
    const { handle, run } = await reported(aCall());
    const [attempts = []] = (await (run.fail(503), handle.result())).deliveries.map((delivery) => delivery.attempts);
    const startedMs = attempts.map(({ startedAt }) => Date.parse(startedAt));
    const waits = attempts
      .slice(1)
      .map(({ durationMs }, at) => (startedMs[at + 1] ?? 0) - (startedMs[at] ?? 0) - durationMs);
    expect(waits).toEqual([60_000, 300_000, 900_000, 3_600_000]);
    expect(attempts.map(({ nextAttemptAt }) => nextAttemptAt)).toEqual([
      ...attempts.slice(1).map(({ startedAt }) => startedAt),
      undefined,
    ]);
  });

  it('to several endpoints is answered for all, or for one', async () => {
    const { handle, run } = await reported(
      aCallTo([{ webhook_url: 'https://a.example.com' }, { webhook_url: 'https://b.example.com' }]),
    );
    const [one = '', other = ''] = run.input.endpoints.map(({ endpointId }) => endpointId);
    run.answer(200, { endpointId: one }).answer(503, { endpointId: other });
    expect(await handle.status()).toMatchObject({
      state: 'retrying',
      deliveries: [{ state: 'delivered' }, { state: 'retrying' }],
    });
    run.deliver();
    expect(await handle.result()).toMatchObject({ state: 'delivered' });
    expect(() => run.answer(200, { endpointId: 'ep_none' })).toThrow(
      `has no endpoint ep_none; it has ${one}, ${other}`,
    );
  });

  it('has the body that its receivers get, with the artifacts that the test gives', async () => {
    const { handle, run } = await reported(aCall({ expects: { summary: false } }));
    run.freeze({ recording: 'https://recordings.example.com/1.mp3' }).deliver();
    expect(JSON.parse(run.body ?? '')).toMatchObject({
      recording_url: 'https://recordings.example.com/1.mp3',
      transcript: [],
      artifacts: { recording: 'ready', transcript: 'unavailable', summary: 'not_expected' },
      event: 'call.completed',
    });
    expect(await handle.request()).toMatchObject({ body: { text: run.body }, requests: [{ host: 'your-app.com' }] });
    expect((await handle.result()).artifacts).toEqual({
      recording: 'ready',
      transcript: 'unavailable',
      summary: 'not_expected',
    });
  });

  it('with an endpoint that its settings refuse ends it refused, beside the others', async () => {
    const { handle, run } = await reported(
      aCallTo([
        { webhook_url: 'https://a.example.com', secret_ref: { no: 'text' } as never },
        { webhook_url: 'https://b.example.com' },
      ]),
    );
    run.deliver();
    expect(await handle.result()).toMatchObject({
      state: 'refused',
      deliveries: [{ state: 'refused', reason: 'secret_ref_invalid' }, { state: 'delivered' }],
    });
  });

  it('that stands still says why, and takes no retryNow', async () => {
    const { handle, run } = await reported();
    const stalled = { why: 'no_worker', problem: 'no worker polls', fix: 'start one' } as const;
    run.answer(503).stall(stalled);
    expect(await handle.status()).toMatchObject({ state: 'retrying', stalled });
    expect(await handle.retryNow()).toEqual({ accepted: false, state: 'retrying', stalled });
    run.stall(undefined);
    expect(await handle.retryNow()).toMatchObject({ accepted: true });
  });

  it('that was terminated says so', async () => {
    const { handle, run } = await reported();
    run.answer(503).terminate('by mistake');
    expect(await handle.result()).toMatchObject({
      state: 'terminated',
      terminateReason: 'by mistake',
      deliveries: [{ attempts: [{}] }],
    });
    expect(() => run.terminate()).toThrow('it has ended');
  });

  it('is waited for: result() resolves when it ends, or rejects with the time limit', async () => {
    const { handle, run } = await reported();
    await expect(handle.result({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'result_timeout', retryable: true });
    const result = handle.result({ timeoutMs: 60_000 });
    run.deliver();
    expect(await result).toMatchObject({ state: 'delivered' });
  });

  it('that does not exist is told with those that do', async () => {
    const { webhooks } = await reported(aCall({ call_id: 'call-1' }));
    expect(() => webhooks.run('call-1')).toThrow('no run call-1; there are call-webhook/call-1');
    await expect(webhooks.call('call-2').status()).rejects.toMatchObject({ code: 'not_found' });
    await expect(webhooks.call('call-2').redeliver()).rejects.toMatchObject({ code: 'history_gone' });
    await expect(webhooks.call('call-2').result()).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('control', () => {
  it('cancel ends a wait at once, is recorded, and comes too late after the end', async () => {
    const { webhooks, handle, run } = await reported();
    run.answer(503);
    expect(await handle.cancel({ reason: 'the customer asked' })).toEqual({ accepted: true });
    expect(await handle.result()).toMatchObject({
      state: 'cancelled',
      cancelReason: 'the customer asked',
      deliveries: [{ attempts: [{}] }],
    });
    expect(await handle.cancel()).toEqual({ accepted: false, state: 'cancelled' });
    expect(webhooks.controls).toEqual([
      {
        method: 'cancel',
        workflowId: handle.workflowId,
        request: { reason: 'the customer asked' },
        answer: { accepted: true },
      },
      { method: 'cancel', workflowId: handle.workflowId, request: {}, answer: { accepted: false, state: 'cancelled' } },
    ]);
  });

  it('cancel of a call that settles ends it without an attempt; of one endpoint, the others go on', async () => {
    const { handle } = await reported(aCall());
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ state: 'cancelled', deliveries: [{ attempts: [] }] });
    const two = await reported(
      aCallTo([{ webhook_url: 'https://a.example.com' }, { webhook_url: 'https://b.example.com' }]),
    );
    const [first] = two.run.input.endpoints;
    await two.handle.cancel({ endpointId: first?.endpointId ?? '' });
    two.run.deliver();
    expect(await two.handle.result()).toMatchObject({
      state: 'cancelled',
      deliveries: [{ state: 'cancelled' }, { state: 'delivered' }],
    });
  });

  it('retryNow sends the attempt that waits, and is not accepted where none does', async () => {
    const { webhooks, handle, run } = await reported();
    expect(await handle.retryNow()).toEqual({ accepted: false, state: 'delivering' });
    run.answer(503);
    const [endpoint] = run.input.endpoints;
    expect(await handle.retryNow()).toEqual({ accepted: true, endpointIds: [endpoint?.endpointId] });
    run.deliver();
    const { deliveries } = await handle.result();
    expect(deliveries[0]?.attempts.map(({ trigger }) => trigger)).toEqual(['schedule', 'retry_now']);
    expect(webhooks.controls.map(({ method, answer }) => [method, answer])).toMatchObject([
      ['retryNow', { accepted: false }],
      ['retryNow', { accepted: true }],
    ]);
  });

  it('redeliver starts a run with the same ids and body; a delivered one needs force, an open one waits', async () => {
    const { webhooks, handle, run } = await reported();
    await expect(handle.redeliver()).rejects.toMatchObject({ code: 'still_running' });
    run.fail();
    expect(await handle.redeliver()).toMatchObject({ cycle: 2 });
    const again = webhooks.run(handle);
    expect(again.runId).not.toBe(run.runId);
    again.deliver();
    expect(again.body).toBe(run.body);
    const { deliveries } = await handle.result();
    expect(deliveries).toMatchObject([
      { state: 'delivered', webhookId: run.input.endpoints[0]?.webhookId, attempts: [{ trigger: 'redelivery' }] },
    ]);
    await expect(handle.redeliver()).rejects.toMatchObject({ code: 'already_delivered' });
    expect(await handle.redeliver({ force: true })).toMatchObject({ cycle: 3 });
    expect(
      webhooks.controls.map(({ error, answer }) => (error as { code?: string } | undefined)?.code ?? answer),
    ).toMatchObject(['still_running', { cycle: 2 }, 'already_delivered', { cycle: 3 }]);
  });
});

describe('a server that is down', () => {
  it('rejects everything with a retryable error, and nothing is started', async () => {
    const { webhooks, handle } = await reported(aCall({ call_id: 'call-1' }));
    webhooks.takeDown();
    const asked = [
      webhooks.callEnded(aCall({ call_id: 'call-2' })),
      handle.status(),
      handle.cancel(),
      handle.result(),
      webhooks.find({})[Symbol.asyncIterator]().next(),
      webhooks.reconcile(new MemoryDeliveryLog()),
    ];
    for (const each of asked) {
      await expect(each).rejects.toMatchObject({
        name: 'TemporalUnavailableError',
        code: 'temporal_unavailable',
        retryable: true,
      });
    }
    await expect(asked[0]).rejects.toThrow('Temporal did not answer within 5000 ms (starting call-webhook/call-2).');
    webhooks.bringUp();
    expect((await webhooks.callEnded(aCall({ call_id: 'call-2' })))?.alreadyReported).toBe(false);
    expect(webhooks.reports.map(({ outcome }) => outcome)).toEqual(['started', 'rejected', 'started']);
    expect(webhooks.controls).toMatchObject([{ method: 'cancel', error: { code: 'temporal_unavailable' } }]);
  });

  it('may lose answers only: then the report counts, and the second one says so', async () => {
    const webhooks = new FakeWebhookClient();
    webhooks.takeDown({ losing: 'answers' });
    await expect(webhooks.callEnded(aCall({ call_id: 'call-1' }))).rejects.toMatchObject({ retryable: true });
    webhooks.bringUp();
    expect((await webhooks.callEnded(aCall({ call_id: 'call-1' })))?.alreadyReported).toBe(true);
  });

  it('may fail in another way', async () => {
    const webhooks = new FakeWebhookClient();
    webhooks.takeDown({ error: new SearchAttributesMissingError('default') });
    await expect(webhooks.callEnded(aCall())).rejects.toMatchObject({
      code: 'search_attributes_missing',
      retryable: false,
    });
  });
});

test('find and reconcile see the runs: by state, endpoint and event; what the log lacks is written', async () => {
  const webhooks = new FakeWebhookClient();
  const one = await reported(aFailedCall({ call_id: 'one', account_id: 'acct_1' }), webhooks);
  const other = await reported(aCall({ call_id: 'other' }), webhooks);
  await webhooks.campaignEvent(SUBSCRIBED);
  one.run.fail();
  const found = async (filter: Parameters<FakeWebhookClient['find']>[0]) => {
    const ids: string[] = [];
    for await (const { handle } of webhooks.find(filter)) ids.push(handle.workflowId);
    return ids;
  };
  expect(await found({ state: 'failed' })).toEqual(['call-webhook/one']);
  expect(await found({ accountId: 'acct_1' })).toEqual(['call-webhook/one']);
  const stopped = await reported(aFailedCall({ call_id: 'stopped', webhook_url: 'https://b.example.com' }), webhooks);
  await stopped.handle.cancel();
  expect(await found({ state: 'cancelled' })).toEqual(['call-webhook/stopped']);
  expect(await found({ event: 'call.completed' })).toEqual(['call-webhook/other']);
  expect(await found({ state: ['running', 'failed'] })).toHaveLength(3);
  expect(await found({ endpointId: other.run.input.endpoints[0]?.endpointId })).toHaveLength(2);
  expect(await found({ campaignId: 'camp-1' })).toEqual(['campaign-webhook/camp-1/campaign.paused/1']);
  const log = new MemoryDeliveryLog();
  expect(await webhooks.reconcile(log, { dryRun: true })).toMatchObject([
    { outcome: 'missing' },
    { outcome: 'missing', record: { state: 'cancelled', cancelledBy: 'fake' } },
  ]);
  expect(await webhooks.reconcile(log)).toMatchObject([
    { outcome: 'written', record: { state: 'failed', reason: 'http_503' } },
    { outcome: 'written' },
  ]);
  expect(await webhooks.reconcile(log)).toMatchObject([{ outcome: 'present' }, { outcome: 'present' }]);
  expect(log.records()).toMatchObject([{ callId: 'one', attempts: [{}, {}, {}, {}, {}] }, { callId: 'stopped' }]);
});

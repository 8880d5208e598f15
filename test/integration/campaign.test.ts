/**
 * Campaigns with the vendor's own settings: their events and their calls' events reach one URL, each once and signed.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { CampaignEvent, WebhookWarning } from '../../client/index.ts';
import { verifyWebhook } from '../../receiver/index.ts';
import { aCall, readyArtifacts, SECRET } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { eventsOf, settledAtMs, stepsOf } from '../support/run-history.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';

let stage: Stage;
let receiver: Receiver;

beforeAll(async () => {
  stage = await openStage({
    address: devServer().address,
    webhooks: { settleDelayMs: 1_000, retryDelaysMs: [1_000] },
    // This worker bundles the sources at its start, as in a host that adds workflow code of its own.
    worker: { temporal: { bundlerOptions: {} } },
  });
});
afterAll(() => stage.close());

function aCampaign(change: Partial<CampaignEvent> = {}): CampaignEvent {
  return {
    event: 'campaign.started',
    campaign_id: `camp_${randomUUID()}`,
    name: 'Sales Outreach',
    status: 'running',
    total_leads: 20,
    stats: { pending: 20, completed: 0, failed: 0 },
    created_at: '2025-12-22T10:00:00Z',
    started_at: '2025-12-22T10:05:00Z',
    metadata: { source: 'test' },
    webhook_url: receiver.url,
    webhook_events: ['campaign.started', 'campaign.completed', 'call.completed'],
    secret_ref: 'main',
    ...change,
  };
}

test('a campaign of 20 calls: 1 + 20 + 1 signed POSTs, each once, the call reports with campaign and lead', async () => {
  receiver = await startReceiver();
  const started = aCampaign();
  const { campaign_id, webhook_url, webhook_events, secret_ref } = started;
  const handles = [await stage.webhooks.campaignEvent(started)];
  await handles[0]?.result();
  for (let lead = 1; lead <= 20; lead += 1) {
    const campaign = { webhook_url, webhook_events, secret_ref };
    const { webhook_url: _own, secret_ref: _ref, ...call } = aCall({ campaign_id, lead_id: `lead_${lead}`, campaign });
    stage.artifacts.put(call.call_id, readyArtifacts());
    handles.push(await stage.webhooks.callEnded(call));
  }
  const stats = { pending: 0, completed: 20, failed: 0 };
  handles.push(
    await stage.webhooks.campaignEvent({
      ...started,
      event: 'campaign.completed',
      status: 'completed',
      stats,
      end_at: '2025-12-22T11:00:00Z',
    }),
  );
  const results = await Promise.all(handles.map(async (handle) => handle?.result()));
  expect(results.map((result) => result?.state)).toEqual(Array.from({ length: 22 }, () => 'delivered'));

  const verified = receiver.requests.map(({ body, headers }) => verifyWebhook(body, headers, SECRET));
  expect(verified.every(({ ok }) => ok)).toBe(true);
  const bodies = receiver.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(bodies.map(({ event }) => String(event)).toSorted()).toEqual(
    ['campaign.completed', 'campaign.started', ...Array.from({ length: 20 }, () => 'call.completed')].toSorted(),
  );
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(22);
  const calls = bodies.filter(({ event }) => event === 'call.completed');
  expect(new Set(calls.map(({ lead_id }) => lead_id)).size).toBe(20);
  expect(new Set(calls.map((call) => call['campaign_id']))).toEqual(new Set([campaign_id]));
  // campaign.completed also settles, so that the last call's report normally comes first.
  const events = await eventsOf(stage.client, String(handles.at(-1)?.workflowId));
  expect(settledAtMs(events, 1_000)).toBe(1_000);
  expect(stepsOf(events).filter((step) => step !== 'timer')).toEqual(['deliverWebhook']);
  expect(receiver.requests[0]?.body).toBe(
    `{"event":"campaign.started","campaign_id":"${campaign_id}","name":"Sales Outreach","status":"running","total_leads":20,"stats":{"pending":20,"completed":0,"failed":0},"created_at":"2025-12-22T10:00:00Z","started_at":"2025-12-22T10:05:00Z","end_at":null,"reason":null,"metadata":{"source":"test"},"occurrence":null}`,
  );
  await receiver.close();
});

test('two pauses are two events; one of them reported again is one', async () => {
  receiver = await startReceiver();
  const paused = aCampaign({
    event: 'campaign.paused',
    webhook_events: ['campaign.paused'],
    reason: 'lunch',
    occurrence: 'pause-1',
  });
  await (await stage.webhooks.campaignEvent(paused))?.result();
  await (await stage.webhooks.campaignEvent(paused))?.result();
  await (await stage.webhooks.campaignEvent({ ...paused, occurrence: 'pause-2' }))?.result();
  expect(receiver.requests).toHaveLength(2);
  expect(receiver.requests.map(({ body }) => (JSON.parse(body) as { occurrence: string }).occurrence)).toEqual([
    'pause-1',
    'pause-2',
  ]);
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  expect((await stage.webhooks.campaign(paused.campaign_id, 'campaign.paused', 'pause-2').status()).state).toBe(
    'delivered',
  );
  await receiver.close();
});

test('webhook.test goes out whatever is subscribed, and has one attempt', async () => {
  receiver = await startReceiver(500);
  const probe = await stage.webhooks.campaignEvent(
    aCampaign({ event: 'webhook.test', webhook_events: [], occurrence: 'try-1' }),
  );
  expect(await probe?.result()).toMatchObject({
    state: 'failed',
    deliveries: [{ attempts: [{ number: 1, status: 500 }] }],
  });
  expect(receiver.requests).toHaveLength(1);
  await receiver.close();
});

test('a campaign not subscribed to an event starts nothing, and later event types never surprise an old one', async () => {
  receiver = await startReceiver();
  const { webhook_events: _none, ...silent } = aCampaign({ event: 'campaign.paused', occurrence: '1' });
  expect(await stage.webhooks.campaignEvent(silent)).toBeUndefined();
  await receiver.close();
});

test('counters that do not add up are delivered with a warning; a pause without an occurrence is refused', async () => {
  receiver = await startReceiver();
  const warnings: WebhookWarning[] = [];
  const webhooks = stage.webhooksWith({ onWarning: (warning) => warnings.push(warning) });
  const odd = await webhooks.campaignEvent(aCampaign({ webhook_url: receiver.url, stats: { pending: 19 } }));
  expect(await odd?.result()).toMatchObject({ state: 'delivered' });
  expect(JSON.parse(receiver.requests[0]?.body ?? '')).toMatchObject({ total_leads: 20, stats: { pending: 19 } });
  expect(warnings).toMatchObject([
    { field: 'stats', problem: expect.stringContaining('should add up to total_leads; these do not') },
  ]);
  await expect(stage.webhooks.campaignEvent(aCampaign({ event: 'campaign.paused' }))).rejects.toThrow(
    'occurrence: missing: required for campaign.paused',
  );
  await receiver.close();
});

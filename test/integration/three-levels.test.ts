/**
 * One call for three levels: its own endpoint, its campaign's and its account's. Each has its own id, secret and
 * ladder.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { StaticSecrets } from '../../adapters/index.ts';
import type { WebhookHandle } from '../../client/index.ts';
import type { CallEnded } from '../../contract/index.ts';
import { verifyWebhook } from '../../receiver/index.ts';
import { aCall, readyArtifacts } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

const SECRETS = {
  own: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  campaign: 'whsec_Y2FtcGFpZ24tY2FtcGFpZ24tY2FtcGFpZ24=',
  // The account's endpoint names no secret, so the account id is its reference.
  acct_1: 'whsec_YWNjb3VudC1hY2NvdW50LWFjY291bnQtYWNj',
} as const;

let stage: Stage;
let own: Receiver;
let campaign: Receiver;
let account: Receiver;

beforeAll(async () => {
  const webhooks = { settleDelayMs: 0, retryDelaysMs: [600_000] };
  const secrets = new StaticSecrets(SECRETS);
  stage = await openStage({ address: devServer().address, webhooks, worker: { secrets } });
});
afterAll(() => stage.close());
beforeEach(async () => {
  [own, campaign, account] = await Promise.all([startReceiver(), startReceiver(), startReceiver()]);
});
afterEach(async () => {
  await Promise.all([own.close(), campaign.close(), account.close()]);
});

async function start(change: Partial<CallEnded> = {}, options = {}): Promise<WebhookHandle> {
  const call = aCall({
    webhook_url: own.url,
    secret_ref: 'own',
    campaign: { webhook_url: campaign.url, secret_ref: 'campaign' },
    endpoints: [{ webhook_url: account.url }],
    account_id: 'acct_1',
    ...change,
  });
  stage.artifacts.put(call.call_id, readyArtifacts());
  const handle = await stage.webhooksWith(options).callEnded(call);
  if (handle === undefined) throw new Error('nobody subscribed');
  return handle;
}

test('three levels are three deliveries: the same bytes, another webhook id each, signed with the secret of each', async () => {
  const result = await (await start()).result();
  expect(result.deliveries.map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
  const requests = [own, campaign, account].map((receiver) => {
    expect(receiver.requests).toHaveLength(1);
    return receiver.requests[0];
  });
  expect(new Set(requests.map((request) => request?.body)).size).toBe(1);
  expect(requests.map((request) => request?.headers['webhook-id'])).toEqual(
    result.deliveries.map(({ webhookId }) => webhookId),
  );
  expect(new Set(result.deliveries.map(({ webhookId }) => webhookId)).size).toBe(3);
  // Rows are receivers, columns are secrets. Each receiver verifies with its own secret only.
  const verdicts = requests.map((request) =>
    Object.values(SECRETS).map((secret) => verifyWebhook(request?.body ?? '', request?.headers ?? {}, secret).ok),
  );
  expect(verdicts).toEqual([
    [true, false, false],
    [false, true, false],
    [false, false, true],
  ]);
});

test('an endpoint that is down for its whole ladder delays no other: both are delivered and recorded during its first attempt', async () => {
  // Its first answer comes only after the others have theirs and are in the log. If one waited for another, this
  // attempt would time out.
  const othersRecorded = bothRecorded();
  own.answer(async (response) => {
    await othersRecorded;
    response.writeHead(503).end();
  }, 503);
  const handle = await start({}, { retryDelaysMs: [1_000, 1_000, 1_000, 1_000] });
  const { state, deliveries } = await handle.result();
  expect(state).toBe('failed');
  expect(deliveries.map((delivery) => delivery.state)).toEqual(['failed', 'delivered', 'delivered']);
  expect(deliveries[0]?.attempts.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
  expect([own, campaign, account].map(({ requests }) => requests.length)).toEqual([5, 1, 1]);

  async function bothRecorded(): Promise<void> {
    await Promise.all([campaign.received(1), account.received(1)]);
    const body = campaign.requests[0]?.body ?? '{}';
    const { call_id } = JSON.parse(body) as { call_id: string };
    await waitFor('two records', () => stage.log.records().filter(({ callId }) => callId === call_id).length === 2);
  }
});

test('cancelling one by its endpoint id leaves the others: one delivered before, one still climbing its ladder', async () => {
  own.answer(503);
  campaign.answer(503, 200);
  const handle = await start();
  const waiting = await waitFor('two waits, and the third delivery', async () => {
    const { deliveries } = await handle.status();
    const waits = deliveries.filter(({ nextAttemptAt }) => nextAttemptAt !== undefined);
    return waits.length === 2 && deliveries[2]?.state === 'delivered' ? deliveries : undefined;
  });
  await handle.cancel({ endpointId: String(waiting[0]?.endpointId), reason: 'this one only' });
  await waitFor('the record', () =>
    stage.log.records().some(({ webhookId, state }) => webhookId === waiting[0]?.webhookId && state === 'cancelled'),
  );
  expect((await handle.status()).deliveries.map(({ state }) => state)).toEqual(['cancelled', 'retrying', 'delivered']);
  await handle.retryNow({ endpointId: String(waiting[1]?.endpointId) });
  const result = await handle.result();
  expect(result).toMatchObject({ state: 'cancelled', cancelReason: 'this one only' });
  expect(result.deliveries.map(({ state }) => state)).toEqual(['cancelled', 'delivered', 'delivered']);
  expect([own, campaign, account].map(({ requests }) => requests.length)).toEqual([1, 2, 1]);
});

test('one URL on all three levels, however it is spelt, is one delivery with the settings of the call', async () => {
  const { port } = new URL(own.url);
  const handle = await start({
    campaign: { webhook_url: `HTTP://127.1:${port}/./webhooks/call-complete`, secret_ref: 'campaign' },
    endpoints: [{ webhook_url: own.url }, { webhook_url: account.url }, { webhook_url: account.url }],
  });
  const result = await handle.result();
  expect(result.deliveries.map(({ state }) => state)).toEqual(['delivered', 'delivered']);
  expect([own, campaign, account].map(({ requests }) => requests.length)).toEqual([1, 0, 1]);
  const [request] = own.requests;
  expect(verifyWebhook(request?.body ?? '', request?.headers ?? {}, SECRETS.own).ok).toBe(true);
});

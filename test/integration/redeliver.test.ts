/** redeliver: after the end, the same ids and bytes go out again with a fresh ladder. Two at once start one. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WebhookHandle } from '../../client/index.ts';
import { aCall, readyArtifacts } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ address: devServer().address, webhooks: { settleDelayMs: 0, retryDelaysMs: [1_000] } });
});
afterAll(() => stage.close());

async function start(change = {}, options = {}): Promise<WebhookHandle> {
  const call = aCall(change);
  stage.artifacts.put(call.call_id, readyArtifacts());
  const handle = await stage.webhooksWith(options).callEnded(call);
  if (handle === undefined) throw new Error('nobody subscribed');
  return handle;
}

function expectSame(receiver: Receiver): void {
  expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
}

test('a failed delivery is delivered again with its id and bytes, and counts as cycle 2', async () => {
  const receiver = await startReceiver(500, 500, 200);
  const handle = await start({ webhook_url: receiver.url });
  expect((await handle.result()).state).toBe('failed');
  const seen = receiver.requests.length;
  expect(await handle.redeliver()).toMatchObject({ cycle: 2 });
  const result = await handle.result();
  expect(result).toMatchObject({ state: 'delivered', artifacts: { transcript: 'ready' } });
  expect(result.deliveries[0]?.attempts).toMatchObject([{ number: 1, trigger: 'redelivery', outcome: 'delivered' }]);
  expect(receiver.requests).toHaveLength(seen + 1);
  expectSame(receiver);
  const records = stage.log.records().filter(({ workflowId }) => workflowId === handle.workflowId);
  expect(records.map(({ cycle, state }) => [cycle, state])).toEqual([
    [1, 'failed'],
    [2, 'delivered'],
  ]);
  // It is delivered now, so only force sends it again.
  await expect(handle.redeliver()).rejects.toMatchObject({ code: 'already_delivered' });
  await handle.redeliver({ force: true });
  await handle.result();
  expect(receiver.requests).toHaveLength(seen + 2);
  expectSame(receiver);
  await receiver.close();
});

test('ten operators at once start one redelivery; the others are told that it runs', async () => {
  const receiver = await startReceiver(500);
  const handle = await start({ webhook_url: receiver.url });
  await handle.result();
  receiver.answer(200);
  const seen = receiver.requests.length;
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => handle.redeliver()));
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const answer of answers) {
    if (answer.status === 'rejected') expect(['still_running', 'already_delivered']).toContain(answer.reason.code);
  }
  await handle.result();
  expect(receiver.requests).toHaveLength(seen + 1);
  await receiver.close();
});

test('of several endpoints only those not delivered are delivered again; the close status counts all', async () => {
  const [good, bad] = [await startReceiver(200), await startReceiver(410)];
  const handle = await start({ webhook_url: good.url, campaign: { webhook_url: bad.url, secret_ref: 'main' } });
  expect((await handle.result()).deliveries.map(({ state }) => state)).toEqual(['delivered', 'gone']);
  bad.answer(200);
  await handle.redeliver();
  const result = await handle.result();
  expect(result.state).toBe('delivered');
  expect(result.deliveries.map(({ state }) => state)).toEqual(['delivered', 'delivered']);
  expect([good.requests.length, bad.requests.length]).toEqual([1, 2]);
  // The endpoint that cycle 2 left alone is still known in cycle 3.
  const first = result.deliveries.find(({ attempts }) => attempts[0]?.trigger === 'schedule');
  await handle.redeliver({ endpointId: String(first?.endpointId), force: true });
  expect((await handle.result()).deliveries).toHaveLength(2);
  expect([good.requests.length, bad.requests.length]).toEqual([2, 2]);
  await good.close();
  await bad.close();
});

test('redelivering one endpoint of several sends to no other, whose outcomes stand and count', async () => {
  const [good, gone, mended] = [await startReceiver(200), await startReceiver(410), await startReceiver(410, 200)];
  const endpoints = [gone, mended].map(({ url }) => ({ webhook_url: url, secret_ref: 'main' }));
  const handle = await start({ webhook_url: good.url, endpoints });
  const first = await handle.result();
  expect(first.deliveries.map(({ state }) => state)).toEqual(['delivered', 'gone', 'gone']);
  const endpointId = String(first.deliveries[2]?.endpointId);
  expect(await handle.redeliver({ endpointId })).toEqual({ cycle: 2, endpointIds: [endpointId] });
  const result = await handle.result();
  const stateOf = (id: string) => result.deliveries.find((delivery) => delivery.endpointId === id)?.state;
  expect(first.deliveries.map((delivery) => stateOf(delivery.endpointId))).toEqual(['delivered', 'gone', 'delivered']);
  expect(result.state).toBe('gone');
  const { status } = await stage.client.workflow.getHandle(handle.workflowId).describe();
  expect(status.name).toBe('FAILED');
  expect([good, gone, mended].map(({ requests }) => requests.length)).toEqual([1, 1, 2]);
  // The endpoint that was left alone twice can still be redelivered.
  gone.answer(200);
  await handle.redeliver();
  expect((await handle.result()).state).toBe('delivered');
  expect([good, gone, mended].map(({ requests }) => requests.length)).toEqual([1, 2, 2]);
  await Promise.all([good.close(), gone.close(), mended.close()]);
});

test('a delivery cancelled before its body was frozen settles and fetches when it is redelivered', async () => {
  const receiver = await startReceiver();
  const taskQueue = `${stage.taskQueue}-late`;
  const handle = await start({ webhook_url: receiver.url }, { settleDelayMs: 1_000, taskQueue });
  await handle.cancel();
  // Only now, so that the cancel is the first thing that the run hears.
  const worker = await stage.startWorker({ taskQueue });
  await handle.result();
  await handle.redeliver();
  expect(await handle.result()).toMatchObject({ state: 'delivered', artifacts: { summary: 'ready' } });
  await worker.stop();
  expect(receiver.requests).toHaveLength(1);
  await receiver.close();
});

test('a terminated run says terminated, and can be redelivered with the same bytes', async () => {
  const receiver = await startReceiver(503);
  const handle = await start({ webhook_url: receiver.url }, { retryDelaysMs: [600_000] });
  await waitFor('the wait', async () => (await handle.status()).state === 'retrying');
  await stage.client.workflow.getHandle(handle.workflowId).terminate('test');
  expect(await handle.result()).toMatchObject({
    state: 'terminated',
    deliveries: [{ state: 'terminated', attempts: [{ number: 1 }] }],
  });
  receiver.answer(200);
  await handle.redeliver();
  expect((await handle.result()).state).toBe('delivered');
  expectSame(receiver);
  await receiver.close();
});

test('a run that is open, a wrong endpoint and a run that never was: each has its error', async () => {
  const receiver = await startReceiver(503);
  const handle = await start({ webhook_url: receiver.url }, { retryDelaysMs: [600_000] });
  await expect(handle.redeliver()).rejects.toMatchObject({ code: 'still_running', retryable: true });
  await handle.cancel();
  await handle.result();
  await expect(handle.redeliver({ endpointId: 'ep_none' })).rejects.toMatchObject({ code: 'unknown_endpoint' });
  await expect(stage.webhooks.call('never-was').redeliver()).rejects.toMatchObject({ code: 'history_gone' });
  await receiver.close();
});

test('a signal that nobody can decode hides nothing: the run is read, and redelivered after a terminate', async () => {
  const receiver = await startReceiver(500);
  const handle = await start({ webhook_url: receiver.url, status: 'failed' }, { retryDelaysMs: [600_000] });
  await waitFor('the first failure', async () => (await handle.status()).state === 'retrying');
  const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
  // What the Web UI's dialog sends with its other encoding. From then on the run is stuck.
  const payload = { metadata: { encoding: encoded('json/protobuf') }, data: encoded('{"reason":"a typing error"}') };
  for (const signalName of ['cancel', 'attemptFailed']) {
    await stage.client.workflowService.signalWorkflowExecution({
      namespace: stage.client.options.namespace,
      workflowExecution: { workflowId: handle.workflowId },
      signalName,
      input: { payloads: [payload] },
    });
  }
  expect(await handle.status()).toMatchObject({ state: 'retrying', deliveries: [{ attempts: [{ status: 500 }] }] });
  await stage.client.workflow.getHandle(handle.workflowId).terminate('a signal that cannot be decoded');
  expect(await handle.result()).toMatchObject({ state: 'terminated' });
  receiver.answer(200);
  await handle.redeliver();
  expect(await handle.result()).toMatchObject({ state: 'delivered' });
  expectSame(receiver);
  await receiver.close();
});

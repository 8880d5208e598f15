/**
 * Bodies that the SDK's external storage keeps, beside our codec: every reader gets them, history stays small, and a
 * storage that is down or has lost one is told in words.
 */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { MemoryDeliveryLog } from '../../adapters/index.ts';
import { WebhookClient } from '../../client/index.ts';
import { encryptionCodec } from '../../codec/index.ts';
import { createWebhookWorker } from '../../worker/index.ts';
import { aCall, aFailedCall, readyArtifacts } from '../support/builders.ts';
import { DiskDriver, storedBy } from '../support/disk-storage.ts';
import { BEFORE } from '../support/encrypted.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

const payloadCodecs = [encryptionCodec(BEFORE)];
const engine = new DiskDriver();
/** The same files, so that only the worker's driver can be down. */
const workers = new DiskDriver(engine.folder);
const converter: DataConverter = { payloadCodecs, externalStorage: storedBy(engine) };
const workflowBundle = { codePath: String(process.env['TEST_WORKFLOW_BUNDLE']) };

let stage: Stage;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver(200);
  stage = await openStage({
    address: devServer().address,
    dataConverter: converter,
    webhooks: { settleDelayMs: 0, retryDelaysMs: [600_000] },
    worker: { temporal: { workflowBundle, dataConverter: { payloadCodecs, externalStorage: storedBy(workers) } } },
  });
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
  rmSync(engine.folder, { recursive: true });
});

/** A hundred lines of a kilobyte. */
const transcript = Array.from({ length: 100 }, (_none, index) => ({
  id: index + 1,
  user: 'user',
  text: `canary ${'x'.repeat(930)}`,
  created_at: '2025-12-22T10:30:05Z',
}));

/** So large that the run's input is stored, too. */
const METADATA = Object.fromEntries(Array.from({ length: 40 }, (_none, index) => [`key_${index}`, 'y'.repeat(300)]));

async function delivered(on = stage) {
  const call = aCall({ webhook_url: receiver.url, secret_ref: 'main' });
  on.artifacts.put(call.call_id, { ...readyArtifacts(), transcript: { status: 'ready', value: transcript } });
  const handle = await on.webhooks.callEnded(call);
  if (handle === undefined) throw new Error('nobody subscribed');
  expect(await handle.result()).toMatchObject({ state: 'delivered' });
  return handle;
}

const webhooksWith = (dataConverter: DataConverter): WebhookClient =>
  new WebhookClient(new Client({ connection: stage.client.connection, dataConverter }), { taskQueue: stage.taskQueue });

test('a body of 100 KB: the history of its run has at most 5 KB', async () => {
  const dataConverter = { externalStorage: storedBy(engine, 512) };
  const plain = await openStage({
    address: devServer().address,
    dataConverter,
    webhooks: { settleDelayMs: 0 },
    worker: { temporal: { workflowBundle, dataConverter } },
  });
  const handle = await delivered(plain);
  const { historySize } = await plain.client.workflow.getHandle(handle.workflowId).describe();
  expect(historySize).toBeLessThanOrEqual(5 * 1_024);
  await plain.close();
});

test('with encryption the storage has ciphertext, and every reader has the body', async () => {
  const known = new Set(engine.names());
  const handle = await delivered();
  const sent = receiver.requests.at(-1)?.body.toString() ?? '';
  expect(Buffer.byteLength(sent)).toBeGreaterThan(100_000);
  const stored = engine.names().filter((name) => !known.has(name));
  expect(stored.length).toBeGreaterThan(0);
  expect(stored.filter((name) => engine.content(name).includes('canary'))).toEqual([]);

  expect((await handle.request()).body?.text).toBe(sent);
  expect(await handle.status()).toMatchObject({ state: 'delivered', artifacts: { transcript: 'ready' } });
  // With the storage in place, a history replays.
  const run = stage.client.workflow.getHandle(handle.workflowId);
  await Worker.runReplayHistory({ workflowBundle, dataConverter: converter }, await run.fetchHistory());
  await handle.redeliver({ force: true });
  expect(await handle.result()).toMatchObject({ state: 'delivered' });
  expect(receiver.requests.at(-1)?.body.toString()).toBe(sent);
});

test('a client without the storage is told what it lacks; one whose object is gone, too, and others are read', async () => {
  const since = new Date();
  const handle = await delivered();
  const without = webhooksWith({ payloadCodecs }).withWorkflowId(handle.workflowId);
  await expect(without.status()).rejects.toMatchObject({ code: 'stored_payload', retryable: false });
  await expect(without.request()).rejects.toThrow('this client has no externalStorage');

  const lost = new DiskDriver();
  const empty = webhooksWith({ payloadCodecs, externalStorage: storedBy(lost) });
  const other = await empty.callEnded(aFailedCall({ webhook_url: receiver.url, secret_ref: 'main' }));
  await other?.result();
  const gone = { code: 'stored_payload', retryable: true, message: expect.stringContaining('ENOENT') };
  await expect(empty.withWorkflowId(handle.workflowId).status()).rejects.toMatchObject(gone);
  await expect(empty.withWorkflowId(handle.workflowId).redeliver({ force: true })).rejects.toMatchObject(gone);
  await waitFor('the list', async () => {
    const both = `WorkflowId IN ('${handle.workflowId}', '${other?.workflowId}') AND ExecutionStatus != 'Running'`;
    return (await stage.client.workflow.count(both)).count === 2;
  });
  const items = await empty.reconcile(new MemoryDeliveryLog(), { since });
  const of = (id: string | undefined) => items.find(({ workflowId }) => workflowId === id);
  expect(of(handle.workflowId)).toMatchObject({ outcome: 'failed', problem: expect.stringContaining('ENOENT') });
  expect(of(other?.workflowId)).toMatchObject({ outcome: 'written' });
  rmSync(lost.folder, { recursive: true });
});

test('a storage that is down spends no attempt: the delivery waits for us, and goes when the body is there', async () => {
  // From the first answer on: what the worker asks of the storage next is the body for the second attempt.
  receiver.answer((response) => {
    workers.failsNext = 1;
    response.writeHead(503).end();
  });
  const before = receiver.requests.length + 1;
  const report = aFailedCall({ webhook_url: receiver.url, secret_ref: 'main', metadata: METADATA });
  const handle = await stage.webhooksWith({ retryDelaysMs: [1_000, 1_000] }).callEnded(report);
  await waitFor('the wait for us', async () => (await handle?.status())?.state === 'waiting_for_us');
  expect(await handle?.status()).toMatchObject({
    deliveries: [{ reason: 'stored_payload', attempts: [{ number: 1 }] }],
  });
  expect(receiver.requests).toHaveLength(before);
  receiver.answer(200);
  expect(await handle?.retryNow()).toMatchObject({ accepted: true });
  expect(await handle?.result()).toMatchObject({
    state: 'delivered',
    deliveries: [{ attempts: [{ number: 1 }, { number: 2 }] }],
  });
});

test('a worker without the storage of the open runs does not start', async () => {
  const taskQueue = `${stage.taskQueue}-bare`;
  const report = aFailedCall({ webhook_url: receiver.url, secret_ref: 'main', metadata: METADATA });
  const handle = await stage.webhooksWith({ taskQueue }).callEnded(report);
  const connection = await NativeConnection.connect({ address: devServer().address });
  await waitFor('the list', async () => {
    const { count } = await stage.client.workflow.count(`TaskQueue = '${taskQueue}'`);
    return count === 1;
  });
  const creating = createWebhookWorker({
    connection,
    taskQueue,
    artifacts: stage.artifacts,
    log: 'none',
    secrets: { forEndpoint: () => undefined },
    temporal: { workflowBundle, dataConverter: { payloadCodecs } },
  });
  await expect(creating).rejects.toThrow('docs/big-bodies.md');
  await connection.close();
  await stage.client.workflow.getHandle(String(handle?.workflowId)).terminate();
});

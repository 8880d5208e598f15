/**
 * Runs with the codec on, on a real server: what the server stores, who can read and steer runs, and what a lost key
 * stops.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { controlCommand } from '../../cli/commands/control/command.ts';
import { statusCommand } from '../../cli/commands/status/command.ts';
import { UnreadableRunError, WebhookClient } from '../../client/index.ts';
import {
  encryptedDataConverter,
  encryptionCodec,
  generateEncryptionKey,
  type EncryptionOptions,
} from '../../codec/index.ts';
import { createWebhookWorker, UnreadableOpenRunsError } from '../../worker/index.ts';
import { aCall, aFailedCall, readyArtifacts } from '../support/builders.ts';
import { BEFORE, encryptedWorker, found, KEYS, rawBytes, ROTATED } from '../support/encrypted.ts';
import { runInProcess } from '../support/in-process-cli.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { untilRetrying } from '../support/until-retrying.ts';
import { waitFor } from '../support/wait-for.ts';

const PRIVATE = [
  '+14155550199',
  '4155550199',
  'canary-path',
  'canary-token',
  'canary transcript',
  'canary-user',
  'moved to canary',
];
let stage: Stage;
let receiver: Receiver;
const { address } = devServer();

beforeAll(async () => {
  receiver = await startReceiver();
  stage = await openStage({
    address,
    dataConverter: encryptedDataConverter(BEFORE),
    webhooks: { settleDelayMs: 0, retryDelaysMs: [600_000] },
    worker: { temporal: await encryptedWorker(BEFORE) },
  });
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
});

const hook = () => `${receiver.url.replace('/webhooks', '/canary-path')}?token=canary-token`;
const private_ = () => ({ webhook_url: hook(), phone_number: '+14155550199', metadata: { note: 'canary-user' } });

/** The stage's server and queue, used with other keys or none. */
function webhooksWith(options: EncryptionOptions | undefined, taskQueue = stage.taskQueue): WebhookClient {
  const { connection } = stage.client;
  const dataConverter = options && encryptedDataConverter(options);
  return new WebhookClient(new Client({ connection, ...(dataConverter && { dataConverter }) }), {
    taskQueue,
    settleDelayMs: 0,
    retryDelaysMs: [600_000],
  });
}

/** A call whose receiver answers so, once it waits in its ladder. */
async function waiting(webhooks = stage.webhooks, change: object = {}) {
  receiver.answer(503);
  const handle = await webhooks.callEnded(aFailedCall({ ...private_(), ...change }));
  await untilRetrying(handle);
  return handle!;
}

test('of phone number, transcript, URL and reason nothing stands in what the server keeps, however a run ends; with the key all is there', async () => {
  const call = aCall(private_());
  const line = { id: 1, user: 'user', text: 'canary transcript', created_at: '2025-12-22T10:30:05Z' };
  stage.artifacts.put(call.call_id, { ...readyArtifacts(), transcript: { status: 'ready', value: [line] } });
  const delivered = await stage.webhooks.callEnded(call);
  expect(await delivered?.result()).toMatchObject({ state: 'delivered', artifacts: { transcript: 'ready' } });
  expect(receiver.requests.at(-1)?.body).toContain('canary transcript');

  const hurried = await waiting();
  receiver.answer(410);
  expect(await hurried.retryNow()).toMatchObject({ accepted: true });
  expect(await hurried.result()).toMatchObject({ state: 'gone', deliveries: [{ attempts: [{}, { status: 410 }] }] });
  const gone = (await stage.client.workflow.getHandle(hurried.workflowId).describe()).runId;
  receiver.answer(200);
  const body = receiver.requests.at(-1)?.body;
  expect(await hurried.redeliver()).toMatchObject({ cycle: 2 });
  expect(await hurried.result()).toMatchObject({ state: 'delivered' });
  expect(receiver.requests.at(-1)?.body).toBe(body);

  const cancelled = await waiting();
  expect(await cancelled.cancel({ reason: 'moved to canary-user' })).toEqual({ accepted: true });
  expect(await cancelled.result()).toMatchObject({ state: 'cancelled', cancelReason: 'moved to canary-user' });
  const refused = await stage.webhooks.callEnded(
    aFailedCall({ ...private_(), webhook_url: 'https://canary-user:canary-token@example.com/canary-path' }),
  );
  expect(await refused?.result()).toMatchObject({ state: 'refused' });
  const open = await waiting();

  const runs = [[delivered], [hurried, gone], [hurried], [cancelled], [refused], [open]] as const;
  for (const [handle, runId] of runs) {
    const bytes = await rawBytes(stage.client, handle!.workflowId, runId);
    expect(found(PRIVATE, bytes)).toEqual([]);
    // Our own words for what went wrong are encrypted too: in failures of activities, of the run, and of a pending
    // attempt.
    expect(
      found(['HTTP 503', 'HTTP 410', 'did not take it', '127.0.0.1', 'example.com', 'call.failed →'], bytes),
    ).toEqual([]);
    // The search itself works: ids stay readable.
    expect(found([handle!.workflowId, 'binary/encrypted'], bytes)).toHaveLength(2);
  }
  const history = await stage.client.workflow.getHandle(open.workflowId).fetchHistory();
  const input = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const [opened] = await encryptionCodec(BEFORE).decode(input);
  expect(found(PRIVATE.slice(0, 4), Buffer.from(opened!.data!))).toEqual(PRIVATE.slice(0, 4));
  expect(found(['Encoded failure'], await rawBytes(stage.client, open.workflowId))).toHaveLength(1);
  await open.cancel();
  await open.result();
});

test.each([
  ['no key', undefined],
  ['another key', { keys: { other: generateEncryptionKey() }, activeKeyId: 'other' }],
  ['another key under the same id', { keys: { old: generateEncryptionKey() }, activeKeyId: 'old' }],
])(
  'a client with %s reads nothing, says so, and sends no signal that the run could not read',
  async (_what, options) => {
    const handle = await waiting();
    const stranger = webhooksWith(options).call(handle.workflowId.replace('call-webhook/', ''));
    for (const ask of [
      () => stranger.status(),
      () => stranger.cancel({ reason: 'no' }),
      () => stranger.retryNow(),
      () => stranger.redeliver(),
    ]) {
      const error: unknown = await ask().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UnreadableRunError);
      expect(error).toMatchObject({ code: 'unreadable_run', retryable: false });
      expect((error as Error).message).toMatch(/codec and keys/);
    }
    // The run completed, so the answer is a payload. It had no signal but ours.
    receiver.answer(200);
    await handle.retryNow();
    expect(await handle.result()).toMatchObject({ state: 'delivered' });
    await expect(stranger.result()).rejects.toBeInstanceOf(UnreadableRunError);
  },
);

test('find and reconcile work with the key; a terminated run that nobody can read is told and keeps no other from the log', async () => {
  const campaign_id = `camp-${randomUUID()}`;
  const handle = await waiting(stage.webhooks, { campaign_id });
  const since = new Date().toISOString();
  const dead = await waiting(stage.webhooks, { campaign_id });
  const poisoned = await webhooksWith(ROTATED).callEnded(aFailedCall({ ...private_(), campaign_id }));
  const list = async (state: 'retrying' | 'terminated') => {
    const ids: string[] = [];
    // Lists hold nothing encrypted, so a search needs no key.
    for await (const each of webhooksWith(undefined).find({ state, campaignId: campaign_id }))
      ids.push(each.workflowId);
    return ids.toSorted();
  };
  await waitFor('the list', async () => (await list('retrying')).length === 2);
  expect(await list('retrying')).toEqual([handle.workflowId, dead.workflowId].toSorted());
  for (const { workflowId } of [dead, poisoned!]) await stage.client.workflow.getHandle(workflowId).terminate('test');
  await waitFor('the terminated', async () => (await list('terminated')).length === 2);
  const outcomes = new Map<string, string>();
  for (const each of await stage.webhooks.reconcile(stage.log, { since })) outcomes.set(each.workflowId, each.outcome);
  expect(outcomes.get(dead.workflowId)).toBe('written');
  expect(outcomes.get(poisoned!.workflowId)).toBe('unreadable');
  expect(stage.log.records().find(({ workflowId }) => workflowId === dead.workflowId)).toMatchObject({
    state: 'terminated',
  });
  await handle.cancel();
  await handle.result();
});

test('status and cancel on the command line need the keys, and tell so without', async () => {
  const handle = await waiting();
  const env = { TEMPORAL_ADDRESS: address };
  const keyed = { ...env, TOPCALLS_ENCRYPTION_KEYS: JSON.stringify(BEFORE) };
  const blind = await runInProcess(statusCommand, [handle.workflowId], env);
  expect([blind.code, blind.stderr]).toEqual([1, expect.stringContaining('Unknown encoding: binary/encrypted')]);
  // By a webhook id nobody can say that there is no such run.
  const [{ webhookId } = { webhookId: '' }] = (await handle.status()).deliveries;
  await waitFor(
    'the list',
    async () => (await stage.client.workflow.count(`WorkflowId = '${handle.workflowId}'`)).count > 0,
  );
  const unseen = await runInProcess(statusCommand, [webhookId], env);
  expect([unseen.code, unseen.stderr]).toEqual([
    1,
    expect.stringMatching(/^\d+ of the \d+ latest runs could not be read/),
  ]);
  expect(await runInProcess(controlCommand('cancel'), [handle.workflowId], env)).toMatchObject({ code: 1 });
  const seen = await runInProcess(statusCommand, [handle.workflowId], keyed);
  expect([seen.code, seen.stdout]).toEqual([0, expect.stringContaining('call.failed: retrying')]);
  expect(await runInProcess(controlCommand('cancel'), [handle.workflowId], keyed)).toMatchObject({ code: 0 });
  expect(await handle.result()).toMatchObject({ state: 'cancelled' });
});

/** A queue of its own, where a test starts and stops workers. They deliver to the receiver. */
async function ownStage(options: EncryptionOptions): Promise<Stage> {
  return openStage({
    address,
    dataConverter: encryptedDataConverter(options),
    webhooks: { settleDelayMs: 0, retryDelaysMs: [600_000] },
    worker: false,
  });
}

test('after a rotation old runs are read, hurried and redelivered with both keys, new payloads have the new one, and without the old one the error names it', async () => {
  const own = await ownStage(BEFORE);
  const before = await own.startWorker({ temporal: await encryptedWorker(BEFORE) });
  const open = await waiting(own.webhooks);
  receiver.answer(410);
  const ended = await own.webhooks.callEnded(aFailedCall(private_()));
  expect(await ended?.result()).toMatchObject({ state: 'gone' });
  await before.stop();

  await own.startWorker({ temporal: await encryptedWorker(ROTATED) });
  const rotated = webhooksWith(ROTATED, own.taskQueue);
  const [openNow, endedNow] = [open, ended!].map(({ workflowId }) =>
    rotated.call(workflowId.slice('call-webhook/'.length)),
  );
  receiver.answer(200);
  expect(await openNow!.retryNow()).toMatchObject({ accepted: true });
  expect(await openNow!.result()).toMatchObject({
    state: 'delivered',
    deliveries: [{ attempts: [{ status: 503 }, {}] }],
  });
  expect(await endedNow!.redeliver()).toMatchObject({ cycle: 2 });
  expect(await endedNow!.result()).toMatchObject({ state: 'delivered' });
  const fresh = await rotated.callEnded(aFailedCall(private_()));
  expect(await fresh?.result()).toMatchObject({ state: 'delivered' });
  const keyIds = async (workflowId: string) =>
    new Set(
      (await rawBytes(own.client, workflowId))
        .toString('latin1')
        .match(/encryption-key-id..(old|new)/gs)
        ?.map((text) => text.slice(-3)),
    );
  expect([...(await keyIds(fresh!.workflowId))]).toEqual(['new']);
  expect([...(await keyIds(open.workflowId))].toSorted()).toEqual(['new', 'old']);

  const dropped = webhooksWith({ keys: { new: KEYS.new }, activeKeyId: 'new' }, own.taskQueue);
  await expect(dropped.call(open.workflowId.slice('call-webhook/'.length)).status()).rejects.toThrow(
    /encrypted with key "old", which is not among the keys here \(new\)/,
  );
  await own.close();
});

test('a run that no key opens, and one that got a plain signal, stand still and harm no other; with the key, and with acceptPlain, they go on', async () => {
  const own = await ownStage(BEFORE);
  const worker = await own.startWorker({ temporal: await encryptedWorker(BEFORE) });
  const signalled = await waiting(own.webhooks);
  const plain = new Client({ connection: own.client.connection }).workflow.getHandle(signalled.workflowId);
  await plain.signal('cancel', { reason: 'unencrypted' });
  receiver.answer(200);
  const asked = receiver.requests.length;
  const poisoned = await webhooksWith(ROTATED, own.taskQueue).callEnded(aFailedCall(private_()));
  for (const { workflowId } of [signalled, poisoned!])
    await waitFor('the failed task', () => hasFailedTask(own, workflowId));

  const others = await Promise.all(Array.from({ length: 3 }, () => own.webhooks.callEnded(aFailedCall(private_()))));
  for (const other of others) expect(await other?.result()).toMatchObject({ state: 'delivered' });
  expect(worker.worker.getState()).toBe('RUNNING');
  expect(receiver.requests.length - asked).toBe(3);
  // Only a part can be read. The client says so instead of telling half the truth.
  await expect(signalled.status()).rejects.toThrow(/not encrypted .*acceptPlain/);

  await worker.stop();
  const mended: EncryptionOptions = { ...ROTATED, acceptPlain: true };
  await own.startWorker({ temporal: await encryptedWorker(mended) });
  const reader = webhooksWith(mended, own.taskQueue);
  const [again, poisonedAgain] = [signalled, poisoned!].map(({ workflowId }) =>
    reader.call(workflowId.slice('call-webhook/'.length)),
  );
  expect(await again!.result()).toMatchObject({ state: 'cancelled', cancelReason: 'unencrypted' });
  expect(await poisonedAgain!.result()).toMatchObject({ state: 'delivered' });
  await own.close();
});

async function hasFailedTask({ client }: Stage, workflowId: string): Promise<boolean> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return events?.some((event) => event.workflowTaskFailedEventAttributes != null) === true;
}

test('a worker without the key of the runs that wait says so before it polls, and can be told to start all the same', async () => {
  const own = await ownStage(ROTATED);
  const handle = await own.webhooks.callEnded(aFailedCall(private_()));
  await waitFor('the list', async () => {
    const { count } = await own.client.workflow.count(`TaskQueue = '${own.taskQueue}'`);
    return count === 1;
  });
  const connection = await NativeConnection.connect({ address });
  const create = async (temporal: Awaited<ReturnType<typeof encryptedWorker>>, change = {}) => {
    const { artifacts, log } = own;
    const secrets = { forEndpoint: () => Promise.resolve(undefined) };
    return createWebhookWorker({ connection, taskQueue: own.taskQueue, artifacts, log, secrets, temporal, ...change });
  };
  const { workflowBundle } = await encryptedWorker(BEFORE);
  const without = { workflowBundle: workflowBundle! };
  const blind: unknown = await create(without).catch((error: unknown) => error);
  expect(blind).toBeInstanceOf(UnreadableOpenRunsError);
  expect(blind).toMatchObject({ code: 'unreadable_open_runs', workflowIds: [handle?.workflowId] });
  expect((blind as Error).message).toMatch(/Unknown encoding: binary\/encrypted.*docs\/encryption\.md/);
  await expect(create(await encryptedWorker(BEFORE))).rejects.toThrow(/encrypted with key "new".*\(old\)/);

  const willing = await create(without, { checkOpenRuns: false });
  expect(willing.getState()).toBe('INITIALIZED');
  await willing.runUntil(Promise.resolve());
  await connection.close();
  await own.startWorker({ temporal: await encryptedWorker(ROTATED) });
  expect(await handle?.result()).toMatchObject({ state: 'delivered' });
  await own.close();
});

test('who has no key can send again what was sent, by a copied input, and nothing else', async () => {
  receiver.answer(200);
  const handle = await stage.webhooks.callEnded(aFailedCall(private_()));
  await handle?.result();
  const sent = receiver.requests.at(-1);
  const history = await stage.client.workflow.getHandle(handle!.workflowId).fetchHistory();
  const input = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const copied = { payloadCodecs: [{ encode: async () => input, decode: async (payloads: Payload[]) => payloads }] };
  const thief = new Client({ connection: stage.client.connection, dataConverter: copied });
  const workflowId = `call-webhook/${randomUUID()}`;
  await thief.workflow.start('callWebhook', {
    workflowId,
    taskQueue: stage.taskQueue,
    args: ['replaced by the codec'],
  });
  const again = await waitFor('the second request', () =>
    receiver.requests.at(-1) === sent ? undefined : receiver.requests.at(-1),
  );
  expect([again.body, again.headers['webhook-id']]).toEqual([sent?.body, sent?.headers['webhook-id']]);
  expect(found(PRIVATE, await rawBytes(stage.client, workflowId))).toEqual([]);
});

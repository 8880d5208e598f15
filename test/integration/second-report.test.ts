/** A call that is reported again, by its own account and by another one; and the largest report that there is. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { CallEnded, WebhookWarning } from '../../client/index.ts';
import { startOptions } from '../../client/start-options.ts';
import { encryptedDataConverter } from '../../codec/index.ts';
import { aCall, aFailedCall, aRunInput, readyArtifacts } from '../support/builders.ts';
import { BEFORE, encryptedWorker, KEYS } from '../support/encrypted.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';

let stage: Stage;
let receiver: Receiver;
const warnings: WebhookWarning[] = [];

beforeAll(async () => {
  stage = await openStage({
    address: devServer().address,
    webhooks: { retryDelaysMs: [], settleDelayMs: 0, onWarning: (warning) => void warnings.push(warning) },
  });
});
afterAll(() => stage.close());
beforeEach(async () => {
  receiver = await startReceiver();
  warnings.length = 0;
});
afterEach(() => receiver.close());

const AT = '2025-12-22T10:30:10Z';
const failedCall = (change: Partial<CallEnded> = {}) =>
  aFailedCall({ webhook_url: receiver.url, account_id: 'acct_1', ...change });

test('of ten reports at once one starts the run; reported again while it runs and after its end, it is delivered once', async () => {
  const call = failedCall();
  const handles = await Promise.all(Array.from({ length: 10 }, () => stage.webhooks.callEnded(call)));
  expect(handles.filter((handle) => handle?.alreadyReported === false)).toHaveLength(1);
  expect(handles.filter((handle) => handle?.alreadyReported === true)).toHaveLength(9);
  expect((await handles[0]?.result())?.state).toBe('delivered');
  const again = await stage.webhooks.callEnded(call);
  expect(again).toMatchObject({ alreadyReported: true, reportedDifferently: undefined });
  expect((await again?.result())?.state).toBe('delivered');
  expect(receiver.requests).toHaveLength(1);
  expect(warnings).toEqual([]);
});

test('failed, then completed: nothing more is sent, and both is told', async () => {
  const call = failedCall();
  await (await stage.webhooks.callEnded(call))?.result();
  const handle = await stage.webhooks.callEnded({ ...call, status: 'completed' });
  const words = 'was reported before as call.failed, and now as call.completed.';
  expect(handle?.reportedDifferently).toContain(words);
  expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining(`call ${call.call_id} ${words}`)]);
  expect(receiver.requests).toHaveLength(1);
});

test('an id that another account has used is refused, while the run runs, after its end and after a redelivery', async () => {
  const call = failedCall();
  const handle = await stage.webhooks.callEnded(call);
  const intruder = stage.webhooks.callEnded({ ...call, account_id: 'acct_2' });
  await expect(intruder).rejects.toMatchObject({ code: 'id_of_another_account', retryable: false });
  await handle?.result();
  await handle?.redeliver({ force: true });
  await handle?.result();
  await expect(stage.webhooks.callEnded({ ...call, account_id: 'acct_2' })).rejects.toMatchObject({
    code: 'id_of_another_account',
  });
  expect(await stage.webhooks.callEnded(call)).toMatchObject({ alreadyReported: true });
  expect(warnings).toEqual([]);
});

test('with encryption the first report is read; without its key nobody knows whose it is, and the caller is told', async () => {
  const encrypted = await openStage({
    address: devServer().address,
    dataConverter: encryptedDataConverter(BEFORE),
    worker: { temporal: await encryptedWorker(BEFORE) },
    webhooks: { retryDelaysMs: [] },
  });
  const other = await openStage({
    address: devServer().address,
    worker: false,
    dataConverter: encryptedDataConverter({ keys: { new: KEYS.new }, activeKeyId: 'new' }),
  });
  const call = failedCall();
  await (await encrypted.webhooks.callEnded(call))?.result();
  expect(await encrypted.webhooks.callEnded(call)).toMatchObject({ alreadyReported: true });
  await expect(other.webhooks.callEnded(call)).rejects.toMatchObject({ code: 'unreadable_run', retryable: false });
  await Promise.all([encrypted.close(), other.close()]);
});

test('the largest input starts, is delivered with a transcript, and can be redelivered', async () => {
  const { call_id } = aCall();
  const [endpoint] = aRunInput().endpoints;
  const policy = { settleDelayMs: 0, artifactDeadlineMs: 60_000, retryDelaysMs: [] };
  const base = aRunInput({ policy, endpoints: [{ ...endpoint!, url: receiver.url, secretRef: 'main' }] });
  const made = (length: number) => ({
    ...base,
    call: { ...base.call, call_id, metadata: { note: 'x'.repeat(length) } },
  });
  const input = made(425_984 - JSON.stringify(made(0)).length);
  const lines = Array.from({ length: 1_100 }, (_, id) => ({
    id,
    user: 'user',
    text: 'y'.repeat(950),
    created_at: AT,
  }));
  stage.artifacts.put(call_id, { ...readyArtifacts(), transcript: { status: 'ready', value: lines } });
  const workflowId = `call-webhook/${call_id}`;
  await stage.client.workflow.start('callWebhook', { ...startOptions(workflowId, input), taskQueue: stage.taskQueue });
  const handle = stage.webhooks.call(call_id);
  expect(await handle.result()).toMatchObject({ state: 'delivered', artifacts: { transcript: 'ready' } });
  expect(receiver.requests[0]?.body.length).toBeGreaterThan(1_300_000);
  await handle.redeliver({ force: true });
  expect((await handle.result()).state).toBe('delivered');
  expect(receiver.requests[1]?.body).toBe(receiver.requests[0]?.body);
});

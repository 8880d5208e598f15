/** Why a run stands still: `status()` tells it from the server alone, and `retryNow` does not say "asked" then. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { Stalled, WebhookHandle } from '../../client/index.ts';
import type { DeliveryRecord } from '../../contract/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { startReceiver, type Answer } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { untilRetrying } from '../support/until-retrying.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;
let isLogDown = false;

beforeAll(async () => {
  stage = await openStage({
    address: devServer().address,
    webhooks: { retryDelaysMs: [600_000] },
    worker: { log: { record: (record) => logRecord(record) } },
  });
});
afterAll(() => stage.close());

async function logRecord(_record: DeliveryRecord): Promise<void> {
  if (isLogDown) throw Object.assign(new Error('hush'), { code: 'ECONNREFUSED' });
}

async function start(answer: Answer, webhooks = stage.webhooks): Promise<WebhookHandle> {
  const receiver = await startReceiver(answer);
  const handle = await webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  if (handle === undefined) throw new Error('nobody subscribed');
  return handle;
}

/** The cause, once the server shows it. */
async function stalled(handle: WebhookHandle, why: Stalled['why']): Promise<Stalled> {
  let last: Stalled | undefined;
  await waitFor(why, async () => {
    last = (await handle.status()).stalled;
    return last?.why === why;
  });
  if (last === undefined) throw new Error('it does not stand still');
  return last;
}

test('a run that waits for its next attempt does not stand still', async () => {
  const handle = await start(503);
  await untilRetrying(handle);
  expect(await handle.status()).not.toHaveProperty('stalled');
  expect(await handle.retryNow()).toMatchObject({ accepted: true });
});

test('no worker polls the task queue', async () => {
  const taskQueue = `nobody-${randomUUID()}`;
  const handle = await start(200, stage.webhooksWith({ taskQueue }));
  const cause = await stalled(handle, 'no_worker');
  expect(cause.problem).toBe(`no worker polls the task queue "${taskQueue}" for workflow tasks`);
  expect(cause.fix).toContain('start a worker');
  expect(await handle.retryNow()).toEqual({
    accepted: false,
    state: 'delivering',
    stalled: expect.objectContaining({ why: 'no_worker' }),
  });
});

test('its workflow task fails: a signal that nobody can decode', async () => {
  const handle = await start(503);
  await untilRetrying(handle);
  const payload: Payload = { metadata: { encoding: Buffer.from('binary/from-elsewhere') }, data: Buffer.from('{}') };
  const codec = { encode: async () => [payload], decode: async (payloads: Payload[]) => payloads };
  const raw = new Client({ connection: stage.client.connection, dataConverter: { payloadCodecs: [codec] } });
  await raw.workflow.getHandle(handle.workflowId).signal('cancel', 'replaced by the codec');
  const cause = await stalled(handle, 'task_failing');
  expect(cause.problem).toMatch(/^its workflow task has failed (once|\d+ times in a row): .*binary\/from-elsewhere/);
  expect(await handle.retryNow()).toMatchObject({ accepted: false, stalled: { why: 'task_failing' } });
  await stage.client.workflow.getHandle(handle.workflowId).terminate('the test is over');
  expect(await handle.status()).not.toHaveProperty('stalled');
});

test('a person has paused its activity', async () => {
  const handle = await start(503);
  await untilRetrying(handle);
  const { workflowService, options } = stage.client;
  const { raw } = await stage.client.workflow.getHandle(handle.workflowId).describe();
  await workflowService.pauseActivity({
    namespace: options.namespace,
    execution: { workflowId: handle.workflowId },
    identity: 'ops@example.com',
    reason: 'the receiver moves',
    id: raw.pendingActivities?.[0]?.activityId ?? '',
  });
  const cause = await stalled(handle, 'paused');
  expect(cause.problem).toMatch(
    /^the activity deliver\/ep_.*\/1\.1 is paused by ops@example\.com: the receiver moves$/,
  );
  expect(cause.fix).toContain('unpause');
  expect(await handle.retryNow()).toMatchObject({ accepted: false, stalled: { why: 'paused' } });
});

test('the delivery log does not take the record: the webhook itself is over', async () => {
  isLogDown = true;
  const handle = await start(200);
  const cause = await stalled(handle, 'waiting_for_log');
  expect(cause.problem).toBe('the delivery log did not take the record (ECONNREFUSED); tried again until it does');
  expect((await handle.status()).deliveries).toMatchObject([{ state: 'delivered' }]);
  expect(await handle.retryNow()).toMatchObject({ accepted: false, stalled: { why: 'waiting_for_log' } });
  isLogDown = false;
  expect(await handle.result()).toMatchObject({ state: 'delivered' });
});

/** A run changes between the look at it and the request. The answer fits the run as it is, and is no error. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { WebhookClient, type WebhookHandle } from '../../client/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ address: devServer().address, webhooks: { retryDelaysMs: [600_000] } });
});
afterAll(() => stage.close());

/** The stage's client. Right before a signal, or right after a result, something happens at the server. */
function raced(happens: {
  beforeSignal?: () => Promise<unknown>;
  afterResult?: () => Promise<unknown>;
}): WebhookClient {
  const { client } = stage;
  const workflow = Object.create(client.workflow) as Client['workflow'];
  workflow.getHandle = (workflowId: string) => {
    const real = client.workflow.getHandle(workflowId);
    const handle = Object.create(real) as WorkflowHandle;
    handle.signal = (async (name: string, payload: unknown) => {
      await happens.beforeSignal?.();
      await real.signal(name, payload);
    }) as WorkflowHandle['signal'];
    handle.result = async () => {
      try {
        return await (real.result() as Promise<never>);
      } finally {
        await happens.afterResult?.();
      }
    };
    return handle as never;
  };
  const client_ = Object.create(client, { workflow: { value: workflow } }) as Client;
  return new WebhookClient(client_, { taskQueue: stage.taskQueue });
}

async function waiting(receiver: Receiver, more: object = {}): Promise<WebhookHandle> {
  receiver.answer(503);
  const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url, ...more }));
  if (handle === undefined) throw new Error('nobody subscribed');
  await waitFor('the wait', async () =>
    (await handle.status()).deliveries.every(({ nextAttemptAt }) => nextAttemptAt !== undefined),
  );
  return handle;
}

const callIdOf = ({ workflowId }: WebhookHandle) => workflowId.slice('call-webhook/'.length);

test('a retryNow, and a cancel, of a run that ends before their signal is not accepted, and says how it ended', async () => {
  const receiver = await startReceiver();
  for (const verb of ['retryNow', 'cancel'] as const) {
    const handle = await waiting(receiver);
    const beforeSignal = async () => {
      await handle.cancel();
      await handle.result();
    };
    const answer = await raced({ beforeSignal }).call(callIdOf(handle))[verb]();
    expect(answer).toEqual({ accepted: false, state: 'cancelled' });
  }
  await receiver.close();
});

test('a result that is read while a redelivery begins is the end of the redelivery', async () => {
  const receiver = await startReceiver();
  const handle = await waiting(receiver);
  let redelivered = false;
  const afterResult = async () => {
    if (redelivered) return;
    redelivered = true;
    receiver.answer(200);
    await handle.redeliver();
  };
  const result = raced({ afterResult }).call(callIdOf(handle)).result();
  await handle.cancel();
  expect(await result).toMatchObject({ state: 'delivered', deliveries: [{ attempts: [{ trigger: 'redelivery' }] }] });
  await receiver.close();
});

test('a cancel after every delivery has ended is not accepted, though the run still waits for its delivery log', async () => {
  const receiver = await startReceiver(410);
  let isDown = true;
  const record = stage.log.record.bind(stage.log);
  const log = {
    record: (entry: Parameters<typeof record>[0]) => (isDown ? Promise.reject(new Error('down')) : record(entry)),
  };
  const own = await openStage({ address: devServer().address, worker: { log } });
  const handle = await own.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  await waitFor('the end', async () => (await handle?.status())?.deliveries[0]?.state === 'gone');
  const answer = await handle?.cancel();
  isDown = false;
  const result = await handle?.result();
  await own.close();
  await receiver.close();
  expect(answer).toEqual({ accepted: false, state: 'gone' });
  expect(result).toMatchObject({ state: 'gone' });
});

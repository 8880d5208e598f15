/** Workers that die: the call is delivered all the same, with the same id and bytes. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { WebhookClient } from '../../client/index.ts';
import { aCall, aFailedCall } from '../support/builders.ts';
import { startReceiver } from '../support/receiver.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { startArtifactApi, startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

let connection: Connection;
let api: Awaited<ReturnType<typeof startArtifactApi>>;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  connection = await Connection.connect({ address: devServer().address });
  api = await startArtifactApi();
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
  await api.close();
  await connection.close();
});

function stage(options = {}) {
  const taskQueue = `crash-${randomUUID()}`;
  return {
    webhooks: new WebhookClient(new Client({ connection }), {
      taskQueue,
      settleDelayMs: 2_000,
      retryDelaysMs: [3_000, 1_000],
      ...options,
    }),
    startWorker: async () => {
      const worker = await startWorkerProcess({ address: devServer().address, taskQueue, artifactsUrl: api.url });
      workers.push(worker);
      return worker;
    },
  };
}

test('a worker killed in the settle wait: another one delivers, once', async () => {
  const { webhooks, startWorker } = stage({ settleDelayMs: 4_000 });
  const receiver = await startReceiver();
  const first = await startWorker();
  const handle = await webhooks.callEnded(aCall({ webhook_url: receiver.url }));
  const run = new Client({ connection }).workflow.getHandle(String(handle?.workflowId));
  await waitFor('the timer', async () =>
    (await run.fetchHistory()).events?.some((event) => event.timerStartedEventAttributes),
  );
  await first.kill('SIGKILL');
  await startWorker();
  expect(await handle?.result()).toMatchObject({
    state: 'delivered',
    deliveries: [{ attempts: [{ number: 1, outcome: 'delivered' }] }],
  });
  expect(receiver.requests).toHaveLength(1);
  await receiver.close();
});

test('a worker killed in a POST: the attempt counts as unknown, the next one has the same id and bytes', async () => {
  const { webhooks, startWorker } = stage();
  const receiver = await startReceiver(() => {}, 200);
  const first = await startWorker();
  const handle = await webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  const before = await receiver.received(1);
  await first.kill('SIGKILL');
  await startWorker();
  const result = await handle?.result();
  expect(result).toMatchObject({
    state: 'delivered',
    deliveries: [
      {
        attempts: [
          { number: 1, outcome: 'unknown' },
          { number: 2, outcome: 'delivered' },
        ],
      },
    ],
  });
  const [, after] = receiver.requests;
  expect(after?.body).toBe(before.body);
  expect(after?.headers['webhook-id']).toBe(before.headers['webhook-id']);
  expect(after?.headers['x-topcalls-attempt']).toBe('2');
  expect(receiver.requests).toHaveLength(2);
  await receiver.close();
}, 90_000);

test('a worker killed between attempts: the ladder goes on elsewhere, with every attempt remembered', async () => {
  const { webhooks, startWorker } = stage();
  const receiver = await startReceiver(503, 200);
  const first = await startWorker();
  const handle = await webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  await waitFor('the wait', async () => (await handle?.status())?.state === 'retrying');
  await first.kill('SIGKILL');
  await startWorker();
  expect(await handle?.result()).toMatchObject({
    state: 'delivered',
    deliveries: [
      {
        attempts: [
          { number: 1, outcome: 'http', status: 503 },
          { number: 2, outcome: 'delivered' },
        ],
      },
    ],
  });
  const [one, two] = receiver.requests;
  expect(two?.body).toBe(one?.body);
  expect(two?.headers['webhook-id']).toBe(one?.headers['webhook-id']);
  await receiver.close();
});

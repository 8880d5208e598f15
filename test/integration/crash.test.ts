/**
 * Workers die. The call is still delivered, with the same id and bytes. Each test has a task queue of its own, and mostly
 * waits for the server to notice the death: they wait side by side.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { WebhookClient, type WebhookClientOptions } from '../../client/index.ts';
import { aCall, aFailedCall } from '../support/builders.ts';
import { startReceiver, type Answer, type Receiver } from '../support/receiver.ts';
import { devServer } from '../support/temporal-server.ts';
import { untilRetrying } from '../support/until-retrying.ts';
import { waitFor } from '../support/wait-for.ts';
import { startArtifactsApi } from '../support/artifacts-api.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

let connection: Connection;
let api: Awaited<ReturnType<typeof startArtifactsApi>>;
const workers: WorkerProcess[] = [];
/** A POST that is never answered. */
const HELD: Answer = () => {};

beforeAll(async () => {
  connection = await Connection.connect({ address: devServer().address });
  api = await startArtifactsApi();
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
  await api.close();
  await connection.close();
});

function stage(options: WebhookClientOptions = {}) {
  const taskQueue = `crash-${randomUUID()}`;
  const webhooksWith = (more: WebhookClientOptions) =>
    new WebhookClient(new Client({ connection }), {
      taskQueue,
      settleDelayMs: 2_000,
      retryDelaysMs: [3_000, 1_000],
      ...more,
    });
  return {
    webhooks: webhooksWith(options),
    webhooksWith,
    startWorker: async (artifactsUrl = api.url) => {
      const worker = await startWorkerProcess({ address: devServer().address, taskQueue, artifactsUrl });
      workers.push(worker);
      return worker;
    },
  };
}

test.concurrent('a worker killed in the settle wait: another one delivers, once', async () => {
  // The kill must come before the end of the delay. Others of this file take longer.
  const { webhooks, startWorker } = stage({ settleDelayMs: 15_000 });
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

test.concurrent('a worker killed in the first poll for artifacts: another one polls and delivers all of them, once', async () => {
  const { webhooks, startWorker } = stage({ settleDelayMs: 0 });
  const receiver = await startReceiver();
  const slow = await startArtifactsApi({ isHeld: true });
  const first = await startWorker(slow.url);
  const handle = await webhooks.callEnded(aCall({ webhook_url: receiver.url }));
  await waitFor('the first poll', () => slow.asked() > 0);
  await first.kill('SIGKILL');
  slow.release();
  await startWorker(slow.url);
  expect(await handle?.result()).toMatchObject({
    state: 'delivered',
    artifacts: { recording: 'ready', transcript: 'ready', summary: 'ready' },
    deliveries: [{ attempts: [{ number: 1, outcome: 'delivered' }] }],
  });
  expect(receiver.requests).toHaveLength(1);
  await slow.close();
  await receiver.close();
});

test.concurrent('a worker killed in a POST: the attempt counts as unknown, the next one has the same id and bytes', async () => {
  const { webhooks, startWorker } = stage();
  const receiver = await startReceiver(HELD, 200);
  const first = await startWorker();
  const handle = await webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  const before = await receiver.received(1);
  await first.kill('SIGKILL');
  const killedAt = Date.now();
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
  // The time of sending, not of noticing the loss: people look for it in the receiver's logs.
  const [lost] = result?.deliveries[0]?.attempts ?? [];
  const { startTime } = await new Client({ connection }).workflow.getHandle(String(handle?.workflowId)).describe();
  const sentAt = Date.parse(lost?.startedAt ?? '');
  expect(sentAt).toBeGreaterThanOrEqual(startTime.getTime());
  expect(sentAt).toBeLessThan(killedAt);
  const [, after] = receiver.requests;
  expect(after?.body).toBe(before.body);
  expect(after?.headers['webhook-id']).toBe(before.headers['webhook-id']);
  expect(after?.headers['x-topcalls-attempt']).toBe('2');
  expect(receiver.requests).toHaveLength(2);
  await receiver.close();
});

test.concurrent('a worker killed between attempts: the ladder goes on elsewhere, with every attempt remembered', async () => {
  const { webhooks, startWorker } = stage({ retryDelaysMs: [15_000, 1_000] });
  const receiver = await startReceiver(503, 200);
  const first = await startWorker();
  const handle = await webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  await untilRetrying(handle);
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

test.concurrent('retryNow after a killed attempt takes the next number: none repeats, and no ladder has more than five POSTs', async () => {
  const { webhooksWith, startWorker } = stage();
  // The worker of each run is killed in another attempt. Then the receiver answers 503 and the run is hurried until
  // its ladder is spent.
  const [inFirst, inSecond, inHurried, inFourth] = await Promise.all([
    startReceiver(HELD, 503),
    startReceiver(503, HELD, 503),
    startReceiver(503, HELD, 503),
    startReceiver(503, 503, 503, HELD, 503),
  ]);
  const start = async (receiver: Receiver, retryDelaysMs: readonly number[]) => {
    const call = aFailedCall({ webhook_url: receiver.url });
    return { receiver, handle: await webhooksWith({ retryDelaysMs: [...retryDelaysMs] }).callEnded(call) };
  };
  const MINUTES = [60_000, 60_000, 60_000, 60_000] as const;
  const first = await startWorker();
  const runs = [
    await start(inFourth, [1_000, 1_000, 1_000, 60_000]),
    // Its second POST comes with the other one's fourth: a worker holds a POST for 15 s at most.
    await start(inSecond, [3_000, 60_000, 60_000, 60_000]),
  ];
  const hurried = await start(inHurried, MINUTES);
  await waitFor('attempts held', () => inFourth.requests.length === 4 && inSecond.requests.length === 2);
  await waitFor('an attempt hurried', async () => (await hurried.handle?.retryNow())?.accepted);
  runs.push(hurried, await start(inFirst, MINUTES));
  await Promise.all([inHurried.received(2), inFirst.received(1)]);
  const killed = runs.map(({ receiver }) => receiver.requests.length);
  await first.kill('SIGKILL');
  await startWorker();

  await Promise.all(
    runs.map(async ({ receiver, handle }, run) => {
      // For 30 s the server believes that the killed attempt is in flight, and retryNow is not accepted.
      await waitFor('the wait after the killed attempt', async () => (await handle?.retryNow())?.accepted);
      const next = await receiver.received(Number(killed[run]) + 1);
      expect(next.headers['x-topcalls-attempt']).toBe(String(Number(killed[run]) + 1));
      await waitFor('the end', async () => {
        const answer = await handle?.retryNow();
        return answer?.accepted === false && answer.state === 'failed';
      });
      expect(receiver.requests.map(({ headers }) => headers['x-topcalls-attempt'])).toEqual(['1', '2', '3', '4', '5']);
      const attempts = (await handle?.result())?.deliveries[0]?.attempts;
      expect(attempts?.map(({ number, outcome }) => [number, outcome])).toEqual(
        [1, 2, 3, 4, 5].map((number) => [number, number === killed[run] ? 'unknown' : 'http']),
      );
      // The trigger is known even of the attempt that could not report.
      const byLadder = receiver === inHurried ? 1 : killed[run];
      expect(attempts?.filter(({ trigger }) => trigger === 'schedule')).toHaveLength(Number(byLadder));
      expect(attempts?.filter(({ trigger }) => trigger === 'retry_now')).toHaveLength(5 - Number(byLadder));
      await receiver.close();
    }),
  );
});

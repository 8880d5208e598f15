/** retryNow: the waiting attempt goes now, counts as one of the ladder, and never makes a sixth. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tsToMs } from '@temporalio/common/lib/time';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { NativeConnection, Worker } from '@temporalio/worker';
import { StaticSecrets } from '../../adapters/static-secrets.ts';
import type { WebhookHandle } from '../../client/index.ts';
import type { Attempt } from '../../contract/index.ts';
import { LOOPBACK_EGRESS, webhookWorkerParts } from '../../worker/index.ts';
import { aFailedCall, SECRET } from '../support/builders.ts';
import { startReceiver, type Answer, type Receiver } from '../support/receiver.ts';
import { eventsOf } from '../support/run-history.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer, temporalCli } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ address: devServer().address, webhooks: { retryDelaysMs: [600_000, 1_000, 600_000] } });
});
afterAll(() => stage.close());

/** A run with a receiver of its own: the tests wait side by side. */
async function start(
  ...answers: readonly Answer[]
): Promise<{ readonly handle: WebhookHandle; readonly receiver: Receiver }> {
  const receiver = await startReceiver(...answers);
  const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  if (handle === undefined) throw new Error('nobody subscribed');
  return { handle, receiver };
}

function waiting(handle: WebhookHandle, attempts: number) {
  return waitFor(`the wait after attempt ${attempts}`, async () => {
    const [delivery] = (await handle.status()).deliveries;
    return delivery?.attempts.length === attempts && delivery.nextAttemptAt !== undefined;
  });
}

const told = (attempts: readonly Attempt[] | undefined) =>
  attempts?.map(({ number, trigger, outcome }) => [number, trigger, outcome]);

/** The time at which the ladder puts the attempt after `number`, ms. */
const dueAfter = (number: number, attempts: readonly Attempt[] | undefined): number =>
  Date.parse(attempts?.[number - 1]?.nextAttemptAt ?? '');

test.concurrent('in the wait: the next attempt goes at once with the next number, later ones keep their own rungs', async () => {
  const { handle, receiver } = await start(503, 503, 200);
  await waiting(handle, 1);
  expect(await handle.retryNow()).toMatchObject({ accepted: true });
  const second = await receiver.received(2);
  expect(second.headers['x-topcalls-attempt']).toBe('2');
  const third = await receiver.received(3);
  const result = await handle.result();
  const attempts = result.deliveries[0]?.attempts;
  // Only retryNow makes the second go before its rung, and nothing makes the third go before its second.
  expect(second.at).toBeLessThan(dueAfter(1, attempts));
  expect(third.at).toBeGreaterThanOrEqual(dueAfter(2, attempts));
  expect(told(result.deliveries[0]?.attempts)).toEqual([
    [1, 'schedule', 'http'],
    [2, 'retry_now', 'http'],
    [3, 'schedule', 'delivered'],
  ]);
  await receiver.close();
});

test.concurrent('twice at once is once', async () => {
  const { handle, receiver } = await start(503);
  await waiting(handle, 1);
  await Promise.all([handle.retryNow(), handle.retryNow()]);
  await waitFor('attempt 3 on its own rung', async () => receiver.requests.length === 3);
  await handle.cancel();
  const { deliveries } = await handle.result();
  expect(told(deliveries[0]?.attempts)).toEqual([
    [1, 'schedule', 'http'],
    [2, 'retry_now', 'http'],
    [3, 'schedule', 'http'],
  ]);
  expect(Number(receiver.requests[2]?.at)).toBeGreaterThanOrEqual(dueAfter(2, deliveries[0]?.attempts));
  await receiver.close();
});

test.concurrent('with an attempt in flight it does nothing, and no rung is lost', async () => {
  let hold: (response: ServerResponse) => void = () => {};
  const held = new Promise<ServerResponse>((resolve) => {
    hold = resolve;
  });
  const { handle, receiver } = await start((response) => hold(response), 200);
  const response = await held;
  expect(await handle.retryNow()).toEqual({ accepted: false, state: 'delivering' });
  // The bare signal, as an operator's CLI sends it, does nothing either.
  await stage.client.workflow.getHandle(handle.workflowId).signal('retryNow');
  response.writeHead(503).end();
  await waiting(handle, 1);
  expect(receiver.requests).toHaveLength(1);
  await handle.retryNow();
  expect(told((await handle.result()).deliveries[0]?.attempts)).toEqual([
    [1, 'schedule', 'http'],
    [2, 'retry_now', 'delivered'],
  ]);
  await receiver.close();
});

test.concurrent('that no worker takes up before the attempt has gone by itself, and failed, does not skip the next rung', async () => {
  const { address } = devServer();
  const own = await openStage({ address, worker: false, webhooks: { retryDelaysMs: [3_000, 4_000] } });
  const native = await NativeConnection.connect({ address });
  const ports = { artifacts: own.artifacts, secrets: new StaticSecrets({ main: SECRET }), egress: LOOPBACK_EGRESS };
  const { activities } = webhookWorkerParts(ports);
  // The POSTs go on while no worker takes workflow tasks.
  const poster = await Worker.create({ connection: native, taskQueue: own.taskQueue, activities });
  const posting = poster.run();
  const decider = await own.startWorker({ temporal: { enableNonLocalActivities: false } });
  // The first answer comes when the decider is gone, so that the first rung is for the retryNow alone.
  let answer = (): void => {};
  const slow = await startReceiver((response) => (answer = () => response.writeHead(503).end()), 503, 200);
  const handle = await own.webhooks.callEnded(aFailedCall({ webhook_url: slow.url }));
  if (handle === undefined) throw new Error('nobody subscribed');
  await slow.received(1);
  await decider.stop();
  answer();
  await waiting(handle, 1);
  expect(await handle.retryNow()).toMatchObject({ accepted: true });
  await waiting(handle, 2);
  await own.startWorker({ temporal: { enableNonLocalActivities: false } });
  const attempts = (await handle.result()).deliveries[0]?.attempts;
  expect(told(attempts)).toEqual([
    [1, 'schedule', 'http'],
    [2, 'schedule', 'http'],
    [3, 'schedule', 'delivered'],
  ]);
  expect(Number(slow.requests[2]?.at)).toBeGreaterThanOrEqual(dueAfter(2, attempts));
  await own.close();
  poster.shutdown();
  await posting;
  await native.close();
  await slow.close();
});

test.concurrent('a ladder hurried at every wait ends after its attempts, not after more', async () => {
  const { handle, receiver } = await start(500);
  for (const made of [1, 2, 3]) {
    await waitFor(`attempt ${made}`, () => receiver.requests.length >= made);
    await waitFor('the wait', async () => (await handle.retryNow()).accepted || receiver.requests.length > made);
  }
  const result = await handle.result();
  expect(result.state).toBe('failed');
  expect(receiver.requests).toHaveLength(4);
  expect(result.deliveries[0]?.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  await expect(handle.retryNow()).resolves.toEqual({ accepted: false, state: 'failed' });
  await receiver.close();
});

test.concurrent("the operator's own command hurries 20 waiting runs at once: each sends exactly one more POST, after its signal and before its rung", async () => {
  const receiver = await startReceiver(503);
  const campaign_id = `camp_${randomUUID()}`;
  const handles = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const call = aFailedCall({ webhook_url: receiver.url, campaign_id });
      return stage.webhooksWith({ retryDelaysMs: [600_000, 600_000] }).callEnded(call);
    }),
  );
  const query = `WebhookCampaignId = "${campaign_id}" AND WebhookState = "retrying" AND ExecutionStatus = "Running"`;
  await waitFor('20 runs that wait', async () => (await stage.client.workflow.count(query)).count === 20);

  const words = ['workflow', 'signal', '--query', query, '--name', 'retryNow', '--reason', 'receiver mended', '--yes'];
  await promisify(execFile)(temporalCli(), [...words, '--address', devServer().address]);
  await receiver.received(40);
  await Promise.all(handles.map(async (handle) => handle && waiting(handle, 2)));

  expect(receiver.requests).toHaveLength(40);
  for (const handle of handles) {
    const own = receiver.requests.filter(({ body }) => body.includes(`"${String(handle?.workflowId.split('/')[1])}"`));
    expect(own.map(({ headers }) => headers['x-topcalls-attempt'])).toEqual(['1', '2']);
    const events = await eventsOf(stage.client, String(handle?.workflowId));
    const signals = events.filter((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'retryNow');
    expect(signals).toHaveLength(1);
    expect(Number(own[1]?.at)).toBeGreaterThanOrEqual(tsToMs(signals[0]?.eventTime));
    const [delivery] = (await handle?.status())?.deliveries ?? [];
    expect(Number(own[1]?.at)).toBeLessThan(dueAfter(1, delivery?.attempts));
    await handle?.cancel();
  }
  const results = await Promise.all(handles.map(async (handle) => handle?.result()));
  for (const result of results) {
    expect(told(result?.deliveries[0]?.attempts)).toEqual([
      [1, 'schedule', 'http'],
      [2, 'retry_now', 'http'],
    ]);
  }
  expect(receiver.requests).toHaveLength(40);
  await receiver.close();
});

/** The ladder in virtual time: the time-skipping server honours every delay, and 81 minutes pass in under a second. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WebhookStatus } from '../../client/index.ts';
import { aCall, readyArtifacts, SECRET } from '../support/builders.ts';
import { eventsOf, firstTimerDueMs, stepsOf } from '../support/run-history.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { timeSkipping } from '../support/temporal-server.ts';
import { LOOPBACK_EGRESS, webhookWorkerParts } from '../../worker/index.ts';

let env: TestWorkflowEnvironment;
let stage: Stage;
let receiver: Receiver;

beforeAll(async () => {
  env = await timeSkipping();
  receiver = await startReceiver(503);
  stage = await openStage({ address: env.address, webhooks: { searchAttributes: false } });
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
  await env.teardown();
});

test('a receiver that never takes it gets five attempts, at 15, 75, 375, 1275 and 4875 s, then the run fails with all five', async () => {
  const call = aCall({ webhook_url: receiver.url });
  stage.artifacts.put(call.call_id, readyArtifacts());
  const started = await stage.webhooks.callEnded(call);
  const handle = env.client.workflow.getHandle(String(started?.workflowId));
  // The awaited result makes this server skip time. In real time Jest would end the test after one minute of 81.
  await expect(handle.result()).rejects.toMatchObject({
    cause: {
      type: 'DeliveryFailed',
      message: 'call.completed: 127.0.0.1 did not take it in 5 attempts (last: HTTP 503)',
    },
  });
  const result = await stage.webhooks.call(call.call_id).result();

  const [delivery] = result.deliveries;
  const attempts = delivery?.attempts ?? [];
  // When each was due, in seconds from the start: the settle delay, and the longest rung that fits into each wait. A busy
  // machine adds a little to a wait, never as much as a rung.
  const waits = attempts.slice(0, -1).map(({ startedAt, durationMs, nextAttemptAt = '' }) => {
    const waitedMs = Date.parse(nextAttemptAt) - Date.parse(startedAt) - durationMs;
    return [60_000, 300_000, 900_000, 3_600_000].findLast((rung) => rung <= waitedMs) ?? 0;
  });
  const settleMs = firstTimerDueMs(await eventsOf(env.client, String(started?.workflowId)));
  const due = [settleMs, ...waits].map(
    (_, index, all) => all.slice(0, index + 1).reduce((sum, ms) => sum + ms) / 1_000,
  );
  expect(due).toEqual([15, 75, 375, 1275, 4875]);
  // In whole seconds: the worker knows this server's skipped time only to some milliseconds.
  const promised = attempts.slice(0, -1).map(({ nextAttemptAt = '' }) => Math.floor(Date.parse(nextAttemptAt) / 1_000));
  for (const [index, second] of promised.entries()) {
    expect(Math.ceil(Date.parse(attempts[index + 1]?.startedAt ?? '') / 1_000)).toBeGreaterThanOrEqual(second);
  }
  expect(result.state).toBe('failed');
  expect(delivery).toMatchObject({ state: 'failed', reason: 'http_503' });
  expect(delivery?.attempts.map(({ number, outcome, status }) => [number, outcome, status])).toEqual([
    [1, 'http', 503],
    [2, 'http', 503],
    [3, 'http', 503],
    [4, 'http', 503],
    [5, 'http', 503],
  ]);
  expect(delivery?.attempts.at(-1)?.nextAttemptAt).toBeUndefined();
  // The receiver saw the same id and bytes five times, numbered.
  expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([delivery?.webhookId]),
  );
  expect(receiver.requests.map(({ headers }) => headers['x-topcalls-attempt'])).toEqual(['1', '2', '3', '4', '5']);
  // The log has one record with the same content.
  expect(stage.log.records()).toMatchObject([{ state: 'failed', attempts: delivery?.attempts, cycle: 1 }]);
});

test('a secret store that is down for two hours spends no attempt; then the webhook is delivered at number 1', async () => {
  const taker = await startReceiver(200);
  const seen: { status?: WebhookStatus; details?: string } = {};
  const upAtMs = (await env.currentTimeMs()) + 7_200_000;
  const call = aCall({ status: 'failed', webhook_url: taker.url });
  const secrets = {
    forEndpoint: async () => {
      const leftMs = upAtMs - (await env.currentTimeMs());
      if (leftMs <= 0) return SECRET;
      if (leftMs < 3_600_000 && seen.status === undefined) {
        seen.status = await stage.webhooks.call(call.call_id).status();
        const run = env.client.workflow.getHandle(`call-webhook/${call.call_id}`);
        seen.details = JSON.stringify(await run.query('__temporal_workflow_metadata'));
      }
      throw new Error('the vault is sealed');
    },
  };
  const held = await openStage({ address: env.address, webhooks: { searchAttributes: false }, worker: { secrets } });
  try {
    const started = await held.webhooks.callEnded(call);
    const workflowId = String(started?.workflowId);
    // The awaited result makes this server skip time.
    await env.client.workflow.getHandle(workflowId).result();
    const result = await started?.result();

    expect(result?.deliveries).toMatchObject([{ state: 'delivered', attempts: [{ number: 1, trigger: 'schedule' }] }]);
    expect(result?.deliveries[0]?.attempts).toHaveLength(1);
    expect(taker.requests.map(({ headers }) => headers['x-topcalls-attempt'])).toEqual(['1']);
    // After an hour: what a person reads.
    expect(seen.status).toMatchObject({
      state: 'waiting_for_us',
      deliveries: [{ state: 'waiting_for_us', reason: 'secret_store_down', attempts: [] }],
    });
    expect(seen.details).toContain('attempt 1 of 5 waits for us');
    expect(seen.details).toContain('secret_store_down');
    // However long it takes, the wait is one activity, and the body stands in history twice.
    const events = await eventsOf(env.client, workflowId);
    expect(stepsOf(events)).toEqual(['deliverWebhook', 'waitForUs', 'deliverWebhook']);
    expect(events.length).toBeLessThan(30);
  } finally {
    await held.close();
    await taker.close();
  }
});

test('a worker of a host that lacks waitForUs waits by a timer, and the webhook is delivered at number 1', async () => {
  const taker = await startReceiver(200);
  const upAtMs = (await env.currentTimeMs()) + 200_000;
  const secrets = {
    forEndpoint: async () => {
      if ((await env.currentTimeMs()) < upAtMs) throw new Error('the vault is sealed');
      return SECRET;
    },
  };
  const taskQueue = `${stage.taskQueue}-former`;
  const parts = webhookWorkerParts({ artifacts: stage.artifacts, secrets, log: stage.log, egress: LOOPBACK_EGRESS });
  const activities = Object.fromEntries(Object.entries(parts.activities).filter(([name]) => name !== 'waitForUs'));
  const { workflowsPath } = parts;
  const worker = await Worker.create({ connection: env.nativeConnection, taskQueue, workflowsPath, activities });
  const call = aCall({ status: 'failed', webhook_url: taker.url });
  await worker.runUntil(async () => {
    const started = await stage.webhooksWith({ taskQueue }).callEnded(call);
    await env.client.workflow.getHandle(String(started?.workflowId)).result();
    const result = await started?.result();
    expect(result?.deliveries).toMatchObject([{ state: 'delivered', attempts: [{ number: 1, trigger: 'schedule' }] }]);
  });
  expect(taker.requests.map(({ headers }) => headers['x-topcalls-attempt'])).toEqual(['1']);
  await taker.close();
});

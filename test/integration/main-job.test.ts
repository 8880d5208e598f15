/** The main job on a real server: what the page promises about time, duplicates and an absent server. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import { NamespaceNotFoundError, TemporalUnavailableError, WebhookClient } from '../../client/index.ts';
import { freePort } from '../../temporal-server/ports.ts';
import { aCall, aFailedCall, readyArtifacts } from '../support/builders.ts';
import { ranPast } from '../support/ran-past.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { eventsOf, firstTimerDueMs, stepsOf } from '../support/run-history.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer, startOwnServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;
let receiver: Receiver;
/**
 * Closed last: the SDK may still have a retry planned, at most 5 s ahead, which throws uncaught on a closed
 * connection.
 */
const absent: Connection[] = [];

beforeAll(async () => {
  stage = await openStage({ address: devServer().address });
  receiver = await startReceiver();
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
  await Promise.all(absent.map((connection) => connection.close()));
});

test.concurrent('while the server is down a start fails within 5 s, says so, and may be repeated', async () => {
  const server = await startOwnServer();
  const connection = await Connection.connect({ address: server.address });
  absent.push(connection);
  const webhooks = new WebhookClient(new Client({ connection }), { searchAttributes: false, settleDelayMs: 600_000 });
  const call = aCall();
  await server.kill('SIGKILL');
  const start = webhooks.callEnded(call);
  expect(await ranPast(5_000, start)).toBe(false);
  const error: unknown = await start.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(TemporalUnavailableError);
  expect(error).toMatchObject({ code: 'temporal_unavailable', retryable: true });
  expect(String(error)).toContain('Temporal did not answer within 5000 ms');
  await server.restart();
  // Repeated, as an outbox does it: the connection may need a moment to be there again.
  const handle = await waitFor('the start', () =>
    webhooks.callEnded(call).catch((again: unknown) => {
      if (!(again instanceof TemporalUnavailableError)) throw again;
      return undefined;
    }),
  );
  expect((await handle.status()).state).toBe('settling');
  await server.stop();
});

test.concurrent('a server that never was there fails within the start limit too', async () => {
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
  absent.push(connection);
  const webhooks = new WebhookClient(new Client({ connection }), { startTimeoutMs: 1_000 });
  const start = webhooks.callEnded(aCall());
  expect(await ranPast(1_000, start)).toBe(false);
  await expect(start).rejects.toBeInstanceOf(TemporalUnavailableError);
});

test.concurrent('a failed call goes to the receiver at once: nothing is waited for, and no artifact is asked for', async () => {
  const own = await startReceiver();
  const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: own.url, error_message: 'line busy' }));
  const request = await own.received(1);
  expect(JSON.parse(request.body)).toMatchObject({
    status: 'failed',
    artifacts: { recording: 'not_expected', transcript: 'not_expected', summary: 'not_expected' },
    error_message: 'line busy',
    event: 'call.failed',
  });
  expect((await handle?.result())?.state).toBe('delivered');
  const events = await eventsOf(stage.client, String(handle?.workflowId));
  expect(stepsOf(events)).toEqual(['deliverWebhook']);
  // The first workflow task schedules the POST: no timer, and no second task before it.
  const posted = events.findIndex((event) => event.activityTaskScheduledEventAttributes);
  expect(events.slice(0, posted).some((event) => event.timerStartedEventAttributes)).toBe(false);
  expect(events.slice(0, posted).filter((event) => event.workflowTaskCompletedEventAttributes)).toHaveLength(1);
  await own.close();
});

test.concurrent('a completed call goes out 15 s after its run started, also when its worker came 5 s late', async () => {
  const late = await openStage({ address: devServer().address, worker: false });
  try {
    const call = aCall({ webhook_url: receiver.url });
    late.artifacts.put(call.call_id, readyArtifacts());
    const seen = receiver.requests.length;
    const handle = await late.webhooks.callEnded(call);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await late.startWorker();
    const request = await receiver.received(seen + 1);
    const events = await eventsOf(late.client, String(handle?.workflowId));
    // Not 15 s from the worker's arrival: the later the worker came, the shorter the timer is.
    expect(firstTimerDueMs(events)).toBe(15_000);
    expect(stepsOf(events)[0]).toBe('timer');
    const fired = events.find((event) => event.timerFiredEventAttributes);
    expect(request.at).toBeGreaterThanOrEqual(tsToMs(fired?.eventTime));
  } finally {
    await late.close();
  }
});

test.concurrent('fifty reports of one call at once are one run and one delivery; one more after the end sends nothing', async () => {
  const own = await startReceiver();
  const call = aFailedCall({ webhook_url: own.url });
  const handles = await Promise.all(Array.from({ length: 50 }, () => stage.webhooks.callEnded(call)));
  expect(new Set(handles.map((handle) => handle?.workflowId))).toEqual(new Set([`call-webhook/${call.call_id}`]));
  const results = await Promise.all(handles.slice(0, 3).map(async (handle) => handle?.result()));
  const again = await stage.webhooks.callEnded(call);
  expect(await again?.result()).toEqual(results[0]);
  expect(own.requests).toHaveLength(1);
  await own.close();
});

test.concurrent('a call to which nobody subscribed starts nothing', async () => {
  const call = aCall({ webhook_url: receiver.url, webhook_events: ['call.failed'] });
  expect(await stage.webhooks.callEnded(call)).toBeUndefined();
  await expect(stage.webhooks.call(call.call_id).status()).rejects.toMatchObject({
    code: 'not_found',
    retryable: false,
  });
});

test.concurrent('a bad URL loses nothing: the run is visible, recorded, and says refused', async () => {
  const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: 'http://10.0.0.1/hook' }));
  const result = await handle?.result();
  expect(result).toMatchObject({
    state: 'refused',
    deliveries: [{ host: '10.0.0.1', reason: 'address', state: 'refused' }],
  });
  const { status } = await stage.client.workflow.getHandle(String(handle?.workflowId)).describe();
  expect(status.name).toBe('FAILED');
  const recorded = stage.log.records().filter(({ workflowId }) => workflowId === handle?.workflowId);
  expect(recorded).toMatchObject([{ state: 'refused', reason: 'address' }]);
});

test.concurrent('a namespace without our search attributes: the start fails and names the command', async () => {
  const server = await startOwnServer({ searchAttributes: {} });
  const connection = await Connection.connect({ address: server.address });
  const error: unknown = await new WebhookClient(new Client({ connection }))
    .callEnded(aCall())
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'search_attributes_missing', retryable: false });
  expect(String(error)).toContain('topcalls-webhooks setup');
  await connection.close();
  await server.stop();
});

test.concurrent('a namespace that the server does not have is named, whatever is asked of it', async () => {
  const connection = await Connection.connect({ address: devServer().address });
  const webhooks = new WebhookClient(new Client({ connection, namespace: 'never-made' }));
  const handle = webhooks.call('call-1');
  for (const ask of [
    () => webhooks.callEnded(aCall({ webhook_url: 'https://crm.example.com/hook' })),
    () => handle.status(),
    () => handle.cancel(),
    () => handle.retryNow(),
    () => handle.redeliver(),
    () => handle.result(),
  ]) {
    const error: unknown = await ask().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NamespaceNotFoundError);
    expect(error).toMatchObject({ code: 'namespace_not_found', retryable: false });
  }
  await connection.close();
});

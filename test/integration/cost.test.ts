/** What a run costs, counted from its history and from the server's own `action` metric: gates, not averages. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Runtime } from '@temporalio/worker';
import { freePort } from '../../temporal-server/ports.ts';
import type { CallEnded } from '../../contract/index.ts';
import { billableActions } from '../support/billable-actions.ts';
import { aCall, aFailedCall, readyArtifacts } from '../support/builders.ts';
import { startReceiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startOwnServer, type OwnServer } from '../support/temporal-server.ts';

let server: OwnServer;
let stage: Stage;
let metricsPort: number;

beforeAll(async () => {
  metricsPort = await freePort();
  // Metrics are on, and cost no event.
  const prometheus = { bindAddress: `127.0.0.1:${await freePort()}` };
  Runtime.install({ telemetryOptions: { metrics: { prometheus } } });
  // A server of its own: the metric counts the whole server.
  server = await startOwnServer({ args: ['--metrics-port', String(metricsPort)] });
  stage = await openStage({
    address: server.address,
    webhooks: { settleDelayMs: 1_000, retryDelaysMs: [1_000, 1_000, 1_000, 1_000] },
  });
});
afterAll(async () => {
  await stage.close();
  await server.stop();
});

test('one endpoint, delivered at once: at most 4 actions, 17 events and 9 transitions', async () => {
  const cost = await billedCostOf(aCall(), [200]);
  expect(cost.state).toBe('delivered');
  expect(cost.actions).toBeLessThanOrEqual(4);
  expect(cost.events).toBeLessThanOrEqual(17);
  expect(cost.transitions).toBeLessThanOrEqual(9);
});

test('settled by the start delay: at most 3 actions, 12 events and 7 transitions', async () => {
  const cost = await billedCostOf(aCall(), [200], stage.webhooksWith({ settle: 'startDelay' }));
  expect(cost.state).toBe('delivered');
  expect(cost.actions).toBeLessThanOrEqual(3);
  expect(cost.events).toBeLessThanOrEqual(12);
  expect(cost.transitions).toBeLessThanOrEqual(7);
});

test('a failed call, delivered at once: at most 2 actions and 11 events', async () => {
  const cost = await billedCostOf(aFailedCall(), [200]);
  expect(cost.state).toBe('delivered');
  expect(cost.actions).toBeLessThanOrEqual(2);
  expect(cost.events).toBeLessThanOrEqual(11);
});

test('all five attempts fail: at most 15 actions and 41 events', async () => {
  const cost = await billedCostOf(aCall(), [500]);
  expect(cost.state).toBe('failed');
  expect(cost.actions).toBeLessThanOrEqual(15);
  expect(cost.events).toBeLessThanOrEqual(41);
});

test('ten endpoints, delivered at once: at most 47 events', async () => {
  // A busy machine takes the ten ends up in one workflow task more, now and then. The gate is for what the code costs.
  let events = Infinity;
  for (let run = 1; run <= 5 && events > 47; run += 1) events = Math.min(events, await eventsOfTen());
  expect(events).toBeLessThanOrEqual(47);
});

/** Events of a run that is delivered to ten endpoints at once. */
async function eventsOfTen(): Promise<number> {
  const receivers = await Promise.all(Array.from({ length: 10 }, () => startReceiver(200)));
  const { webhook_url: _none, ...call } = aCall();
  const endpoints = receivers.map(({ url }) => ({ webhook_url: url, secret_ref: 'main' }));
  const cost = await costOfRun({ ...call, endpoints });
  expect(cost.state).toBe('delivered');
  expect(receivers.map(({ requests }) => requests.length)).toEqual(Array.from({ length: 10 }, () => 1));
  await Promise.all(receivers.map((receiver) => receiver.close()));
  return cost.events;
}

test('delivered at the second attempt: at most 29 events', async () => {
  const cost = await costOf(aCall(), [503, 200]);
  expect(cost.state).toBe('delivered');
  expect(cost.events).toBeLessThanOrEqual(29);
});

async function costOf(call: CallEnded, answers: readonly number[], webhooks = stage.webhooks) {
  const receiver = await startReceiver(...answers);
  try {
    return await costOfRun({ ...call, webhook_url: receiver.url }, webhooks);
  } finally {
    await receiver.close();
  }
}

/** Actions so far, if nothing has happened since they were counted. */
let counted: number | undefined;

/** With the billable actions. Their counter is slow, so they are counted only where they are a gate. */
async function billedCostOf(...run: Parameters<typeof costOf>) {
  const before = counted ?? (await billableActions(metricsPort));
  const cost = await costOf(...run);
  counted = await billableActions(metricsPort);
  return { ...cost, actions: counted - before };
}

async function costOfRun(call: CallEnded, webhooks = stage.webhooks) {
  counted = undefined;
  stage.artifacts.put(call.call_id, readyArtifacts());
  const handle = await webhooks.callEnded(call);
  const result = await handle?.result();
  const run = stage.client.workflow.getHandle(String(handle?.workflowId));
  const { events } = await run.fetchHistory();
  const { raw } = await run.describe();
  const transitions = Number(raw.workflowExecutionInfo?.stateTransitionCount ?? Number.NaN);
  return { state: result?.state, events: events?.length ?? 0, transitions };
}

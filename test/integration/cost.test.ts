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
  const most = { actions: 4, events: 17, transitions: 9 };
  const cost = await cheapest(most, () => billedCostOf(aCall(), [200]));
  expect(cost.state).toBe('delivered');
  expect(beyond(most, cost)).toEqual([]);
});

test('settled by the start delay: at most 3 actions, 12 events and 7 transitions', async () => {
  const most = { actions: 3, events: 12, transitions: 7 };
  const delayed = stage.webhooksWith({ settle: 'startDelay' });
  const cost = await cheapest(most, () => billedCostOf(aCall(), [200], delayed));
  expect(cost.state).toBe('delivered');
  expect(beyond(most, cost)).toEqual([]);
});

test('a failed call, delivered at once: at most 2 actions and 11 events', async () => {
  const most = { actions: 2, events: 11 };
  const cost = await cheapest(most, () => billedCostOf(aFailedCall(), [200]));
  expect(cost.state).toBe('delivered');
  expect(beyond(most, cost)).toEqual([]);
});

test('all five attempts fail: at most 15 actions and 41 events', async () => {
  const most = { actions: 15, events: 41 };
  const cost = await cheapest(most, () => billedCostOf(aCall(), [500]));
  expect(cost.state).toBe('failed');
  expect(beyond(most, cost)).toEqual([]);
});

test('ten endpoints, delivered at once: at most 47 events', async () => {
  const most = { events: 47 };
  expect(beyond(most, await cheapest(most, costOfTen))).toEqual([]);
});

/** Cost of a run that is delivered to ten endpoints at once. */
async function costOfTen() {
  const receivers = await Promise.all(Array.from({ length: 10 }, () => startReceiver(200)));
  const { webhook_url: _none, ...call } = aCall();
  const endpoints = receivers.map(({ url }) => ({ webhook_url: url, secret_ref: 'main' }));
  const cost = await costOfRun({ ...call, endpoints });
  expect(cost.state).toBe('delivered');
  expect(receivers.map(({ requests }) => requests.length)).toEqual(Array.from({ length: 10 }, () => 1));
  await Promise.all(receivers.map((receiver) => receiver.close()));
  return cost;
}

test('delivered at the second attempt: at most 29 events', async () => {
  const most = { events: 29 };
  const cost = await cheapest(most, () => costOf(aCall(), [503, 200]));
  expect(cost.state).toBe('delivered');
  expect(beyond(most, cost)).toEqual([]);
});

type Cost = Readonly<Partial<Record<'actions' | 'events' | 'transitions', number>>>;

/** The first of up to five runs that costs no more than `most`. A busy machine needs a workflow task more, now and
 *  then, or lets one time out. The gate is for what the code costs. */
async function cheapest<T extends Cost>(most: Cost, run: () => Promise<T>): Promise<T> {
  let cost = await run();
  for (let more = 1; more < 5 && beyond(most, cost).length > 0; more += 1) cost = await run();
  return cost;
}

/** What of the cost is more than `most`, in words. */
function beyond(most: Cost, cost: Cost): readonly string[] {
  return (['actions', 'events', 'transitions'] as const).flatMap((what) => {
    const [allowed = Infinity, is = Infinity] = [most[what], cost[what]];
    return is <= allowed ? [] : [`${is} ${what}, at most ${allowed}`];
  });
}

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

/** The host is told of deliveries that fail, end or recover: beside the ladder, in order, until it has taken it. In
 *  virtual time. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { MemoryDeliveryEvents } from '../../adapters/index.ts';
import type { DeliveryEvent } from '../../activities/index.ts';
import type { WebhookStatus } from '../../client/index.ts';
import { SIGNALS } from '../../contract/names.ts';
import { aCallTo } from '../support/builders.ts';
import { eventsOf, stepsOf } from '../support/run-history.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { timeSkipping } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

let env: TestWorkflowEnvironment;
let stage: Stage;
const receivers: Receiver[] = [];
let told: MemoryDeliveryEvents;
/** What the host does with an event before it takes it. */
let before: (event: DeliveryEvent) => Promise<void> | void;

const events = {
  notify: async (event: DeliveryEvent) => {
    await before(event);
    told.notify(event);
  },
};

beforeAll(async () => {
  env = await timeSkipping();
  stage = await openStage({
    address: env.address,
    webhooks: { searchAttributes: false },
    worker: { deliveryEvents: events },
  });
});
beforeEach(() => {
  told = new MemoryDeliveryEvents();
  before = () => {};
});
afterAll(async () => {
  await stage.close();
  await Promise.all(receivers.map((receiver) => receiver.close()));
  await env.teardown();
});

/** Starts a run to one receiver for each list of answers. */
async function start(...answers: readonly (readonly number[])[]) {
  const opened = await Promise.all(answers.map((each) => startReceiver(...each)));
  receivers.push(...opened);
  const endpoints = opened.map(({ url }) => ({ webhook_url: url, secret_ref: 'main' }));
  return startTo(endpoints, stage);
}

async function startTo(endpoints: Parameters<typeof aCallTo>[0], { webhooks }: Pick<Stage, 'webhooks'>) {
  const handle = await webhooks.callEnded(aCallTo(endpoints, { status: 'failed', account_id: 'acct_1' }));
  if (handle === undefined) throw new Error('nobody subscribed');
  return handle;
}

/** The awaited result makes this server skip time. */
async function ended({ workflowId }: { readonly workflowId: string }): Promise<void> {
  await env.client.workflow
    .getHandle(workflowId)
    .result()
    .catch(() => undefined);
}

const kinds = (): readonly string[] =>
  told.events().map(({ kind, cycle }) => `${kind.replace('delivery.', '')} ${cycle}`);

test('a delivery that fails twice and then arrives is failing once, then recovered; each event says what is known', async () => {
  const handle = await start([503, 503, 200]);
  await ended(handle);
  const result = await handle.result();
  const { runId } = await env.client.workflow.getHandle(handle.workflowId).describe();
  const [delivery] = result.deliveries;
  const webhookId = String(delivery?.webhookId);
  const every = {
    event: 'call.failed',
    callId: handle.workflowId.replace('call-webhook/', ''),
    campaignId: 'camp_abc123',
    accountId: 'acct_1',
    cycle: 1,
    workflowId: handle.workflowId,
    runId,
    webhookId,
    endpointId: delivery?.endpointId,
    host: '127.0.0.1',
    of: 5,
    at: expect.stringMatching(/^\d{4}-.*Z$/),
    startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
  };
  expect(told.events()).toEqual([
    {
      ...every,
      id: `${webhookId}-1-${runId}-failing`,
      kind: 'delivery.failing',
      state: 'retrying',
      reason: 'http_503',
      attempts: 1,
      nextAttemptAt: delivery?.attempts[0]?.nextAttemptAt,
    },
    { ...every, id: `${webhookId}-1-${runId}-recovered`, kind: 'delivery.recovered', state: 'delivered', attempts: 3 },
  ]);
  // One activity for each event, and nothing else.
  const steps = stepsOf(await eventsOf(env.client, handle.workflowId));
  expect(steps.filter((step) => step === 'notifyDelivery')).toHaveLength(2);
});

test('nobody is told of a delivery that arrives at once, and nothing is added to its run', async () => {
  const handle = await start([200]);
  await ended(handle);
  expect(told.events()).toEqual([]);
  const history = await eventsOf(env.client, handle.workflowId);
  expect(stepsOf(history)).toEqual(['deliverWebhook']);
  expect(history).toHaveLength(11);
});

test('a port that is down for hours changes no outcome and no attempt; the run waits for it, and says so', async () => {
  let upAtMs = Infinity;
  const seen: { status?: WebhookStatus; details?: string } = {};
  const tries: string[] = [];
  const handle = await start([500]);
  before = async ({ kind }) => {
    tries.push(kind);
    const nowMs = await env.currentTimeMs();
    if (upAtMs === Infinity) upAtMs = nowMs + 4 * 3_600_000;
    if (nowMs >= upAtMs) return;
    // Three hours in, the ladder of 81 minutes is over.
    if (seen.status === undefined && upAtMs - nowMs < 3_600_000) {
      seen.status = await handle.status();
      const run = env.client.workflow.getHandle(handle.workflowId);
      seen.details = JSON.stringify(await run.query('__temporal_workflow_metadata'));
    }
    throw Object.assign(new Error('the pager of +14155550199 is down'), { code: 'pager_down' });
  };
  await ended(handle);
  const { state, deliveries } = await handle.result();
  expect(state).toBe('failed');
  const waits = deliveries[0]?.attempts.map(({ nextAttemptAt, startedAt }) =>
    nextAttemptAt === undefined ? undefined : Math.round((Date.parse(nextAttemptAt) - Date.parse(startedAt)) / 60_000),
  );
  expect(waits).toEqual([1, 5, 15, 60, undefined]);
  expect(kinds()).toEqual(['failing 1', 'failed 1']);
  // 1 s, 4 s, 16 s, 64 s, 256 s and then each 15 min, not faster.
  expect(tries.length).toBeLessThan(30);

  expect(seen.status).toMatchObject({
    state: 'failed',
    deliveries: [{ state: 'failed', reason: 'http_500' }],
    stalled: {
      why: 'waiting_for_notify',
      problem: 'the host did not take delivery.failing of 127.0.0.1 (pager_down); told again until it does',
    },
  });
  expect(seen.details).toContain("Waiting for the host's notify");
  // The log had the outcome long before.
  expect(stage.log.records().filter(({ workflowId }) => workflowId === handle.workflowId)).toMatchObject([
    { state: 'failed' },
  ]);
  expect(JSON.stringify(stage.lines)).not.toContain('+14155550199');
});

test('410, a refused URL and a spent ladder have failed; of a mixed run each endpoint is told of, alone', async () => {
  await ended(await start([410], [200], [503, 410]));
  expect(
    told
      .events()
      .map(({ kind, state, reason, attempts }) => [kind, state, reason, attempts].join())
      .toSorted(),
  ).toEqual([
    'delivery.failed,gone,http_410,1',
    'delivery.failed,gone,http_410,2',
    'delivery.failing,retrying,http_503,1',
  ]);
  told = new MemoryDeliveryEvents();
  await ended(await startTo([{ webhook_url: 'https://10.0.0.1/hook', secret_ref: 'main' }], stage));
  expect(told.events()).toMatchObject([{ kind: 'delivery.failed', state: 'refused', reason: 'address', attempts: 1 }]);
});

test('a cancelled delivery is told of only if it was failing', async () => {
  const handle = await start([503]);
  before = async ({ kind }) => {
    if (kind === 'delivery.failing') await handle.cancel({ reason: 'moved' });
  };
  await ended(handle);
  expect((await handle.result()).state).toBe('cancelled');
  expect(told.events().map(({ kind, state }) => [kind, state])).toEqual([
    ['delivery.failing', 'retrying'],
    ['delivery.cancelled', 'cancelled'],
  ]);
});

test('a redelivery that arrives has recovered; one by force, of a webhook that was delivered, has not', async () => {
  const handle = await start([410, 200]);
  await ended(handle);
  await handle.redeliver();
  await ended(handle);
  await handle.redeliver({ force: true });
  await ended(handle);
  expect((await handle.result()).state).toBe('delivered');
  expect(kinds()).toEqual(['failed 1', 'recovered 2']);
});

test('where the host took the port away, the run ends all the same, and the log says that nobody was told', async () => {
  const taskQueue = `${stage.taskQueue}-former`;
  const receiver = await startReceiver(503, 410);
  receivers.push(receiver);
  // This server gives a task of a worker that has left to no other, if that worker had the run in its cache.
  const temporal = { maxCachedWorkflows: 0 };
  const former = await stage.startWorker({ taskQueue, temporal });
  const handle = await startTo([{ webhook_url: receiver.url, secret_ref: 'main' }], {
    webhooks: stage.webhooksWith({ taskQueue }),
  });
  await waitFor('the first event', () => told.events().length === 1);
  await former.stop();
  const without = await stage.startWorker({ taskQueue, temporal, deliveryEvents: undefined } as object);
  await ended(handle);
  expect(await handle.result()).toMatchObject({ state: 'gone' });
  expect(kinds()).toEqual(['failing 1']);
  expect(stage.lines.filter(({ message }) => message === 'webhook.notification_given_up')).toMatchObject([
    { kind: 'delivery.failed', host: '127.0.0.1', attempt: 10 },
  ]);
  await without.stop();
});

// The last two: a run that ends while its activity is retried leaves this server a time that it skips to, years ahead.
test('a cancel that comes too late lets no event go; with letGo it does, and the outcome stays', async () => {
  let tries = 0;
  const handle = await start([410]);
  const run = env.client.workflow.getHandle(handle.workflowId);
  before = async () => {
    tries += 1;
    if (tries === 2) await run.signal(SIGNALS.cancel, { reason: 'meant for a waiting delivery' });
    if (tries === 3) await run.cancel();
    if (tries === 5) await run.signal(SIGNALS.cancel, { letGo: true });
    throw new Error('down');
  };
  await ended(handle);
  expect(tries).toBe(5);
  expect(await handle.result()).toMatchObject({ state: 'gone' });
  expect((await env.client.workflow.getHandle(handle.workflowId).describe()).status.name).toBe('FAILED');
  expect(told.events()).toEqual([]);
});

test('redeliver lets a run go that only waits for the host, and the next run tells its own events', async () => {
  let tries = 0;
  const answers: unknown[] = [];
  const handle = await start([410, 200]);
  before = async ({ cycle }) => {
    if (cycle > 1) return;
    tries += 1;
    if (tries === 3) answers.push(await handle.redeliver().catch(String));
    throw new Error('down');
  };
  await ended(handle);
  await waitFor('the redelivery', () => told.events().length === 1);
  expect(answers).toEqual([{ cycle: 2, endpointIds: [expect.any(String)] }]);
  expect(kinds()).toEqual(['recovered 2']);
});

test('cancel with letGo closes a run that only waits for the host, as it ended; afterwards it does nothing', async () => {
  const answers: unknown[] = [];
  const handle = await start([410]);
  let tries = 0;
  before = async () => {
    tries += 1;
    if (tries === 2) answers.push(await handle.cancel({ letGo: true }).catch(String));
    throw new Error('down');
  };
  await ended(handle);
  await waitFor('the answer', () => answers.length === 1);
  answers.push(await handle.cancel({ letGo: true }));
  expect(answers).toEqual([{ accepted: true }, { accepted: false, state: 'gone' }]);
  expect(await handle.result()).toMatchObject({ state: 'gone' });
  expect(told.events()).toEqual([]);
});

test('the handle’s cancel of a webhook that has ended lets nothing go; terminated, the run keeps its outcome', async () => {
  const answers: unknown[] = [];
  const handle = await start([410]);
  let tries = 0;
  before = async () => {
    tries += 1;
    if (tries === 2) answers.push(await handle.cancel());
    if (tries === 3) await env.client.workflow.getHandle(handle.workflowId).terminate();
    throw new Error('down');
  };
  await ended(handle);
  expect(answers).toEqual([{ accepted: false, state: 'gone' }]);
  expect(await handle.result()).toMatchObject({ state: 'gone', deliveries: [{ state: 'gone' }] });
});

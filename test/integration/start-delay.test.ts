/**
 * `settle: 'startDelay'`: the server waits for the settle delay, and the run has no task until then. What people and
 * hosts may do with a run, they may do meanwhile.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { MemoryDeliveryLog } from '../../adapters/index.ts';
import type { WebhookHandle } from '../../client/index.ts';
import { surveyRuns } from '../../client/survey-runs.ts';
import { aCall, aCallTo, readyArtifacts } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { eventsOf, stepsOf } from '../support/run-history.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

const SHORT_MS = 1_500;
const REST = { settle: 'startDelay', settleDelayMs: 600_000 } as const;
const SHORT = { settle: 'startDelay', settleDelayMs: SHORT_MS } as const;

let stage: Stage;
let receiver: Receiver;
let connection: Connection;
let operator: Client;

beforeAll(async () => {
  receiver = await startReceiver(200);
  stage = await openStage({
    address: devServer().address,
    identities: { client: 'engine@host', worker: 'worker@host' },
  });
  connection = await Connection.connect({ address: devServer().address });
  operator = new Client({ connection, identity: 'ann@desk' });
});
afterAll(async () => {
  await stage.close();
  await connection.close();
  await receiver.close();
});

async function start(options: typeof REST | typeof SHORT, call = aCall({ webhook_url: receiver.url })) {
  stage.artifacts.put(call.call_id, readyArtifacts());
  const handle = await stage.webhooksWith(options).callEnded(call);
  if (handle === undefined) throw new Error('nobody subscribed');
  return { handle, call };
}

const describe = ({ workflowId }: WebhookHandle) => stage.client.workflow.getHandle(workflowId).describe();
const recordsOf = ({ workflowId }: WebhookHandle) =>
  stage.log.records().filter((record) => record.workflowId === workflowId);

test('a run in its delay has one event, settles until a time, and does not stand still', async () => {
  const { handle, call } = await start(REST);
  const { startTime, executionTime } = await describe(handle);
  expect(await eventsOf(stage.client, handle.workflowId)).toHaveLength(1);
  const status = await handle.status();
  expect(status).toMatchObject({ state: 'settling', deliveries: [{ state: 'settling', attempts: [] }] });
  expect(status).not.toHaveProperty('stalled');
  expect(status.settlesUntil).toBe(executionTime?.toISOString());
  expect(status.settlesUntil).toBe(new Date(startTime.getTime() + REST.settleDelayMs).toISOString());

  // A second report, with the timer or with the delay, finds it.
  expect(await stage.webhooks.callEnded(call)).toMatchObject({ alreadyReported: true, reportedDifferently: undefined });
  expect(await handle.retryNow()).toEqual({ accepted: false, state: 'settling' });
  await expect(handle.redeliver()).rejects.toMatchObject({ code: 'still_running' });
  expect(await handle.request()).toMatchObject({ workflowId: handle.workflowId });

  // The list lags a moment behind.
  const found = async () => {
    for await (const each of stage.webhooks.find({
      state: 'running',
      endpointId: String(status.deliveries[0]?.endpointId),
    }))
      if (each.workflowId === handle.workflowId) return true;
    return false;
  };
  await waitFor('the list', found);
  const survey = await surveyRuns(stage.client, { taskQueue: stage.taskQueue, nowMs: Date.now });
  expect(
    Object.values(survey.examples)
      .flat()
      .map(({ workflowId }) => workflowId),
  ).not.toContain(handle.workflowId);

  expect(await handle.cancel({ reason: 'moved' })).toEqual({ accepted: true });
  expect(await handle.result()).toMatchObject({
    state: 'cancelled',
    cancelReason: 'moved',
    cancelledBy: 'engine@host',
    deliveries: [{ state: 'cancelled', attempts: [] }],
  });
  expect((await describe(handle)).status.name).toBe('CANCELLED');
  expect(recordsOf(handle)).toMatchObject([{ state: 'cancelled', cancelReason: 'moved', cancelledBy: 'engine@host' }]);
  // The server was asked already, so no activity asks it.
  expect(stepsOf(await eventsOf(stage.client, handle.workflowId))).toEqual(['recordDelivery']);
  expect(receiver.requests).toHaveLength(0);
});

test('the button of the Web UI ends a run in its delay at once, and the record says who', async () => {
  const { handle } = await start(REST);
  await operator.workflow.getHandle(handle.workflowId).cancel();
  expect(await handle.result()).toMatchObject({ state: 'cancelled', cancelledBy: 'ann@desk' });
  expect(recordsOf(handle)).toMatchObject([{ state: 'cancelled', cancelledBy: 'ann@desk' }]);
});

test('a cancel that a person sends as a signal ends the run with the delay: nothing is sent', async () => {
  const { handle, own } = await signalledInItsDelay('ticket 4711');
  const heard = await handle.status();
  expect(heard).toMatchObject({ state: 'cancelled', cancelReason: 'ticket 4711', cancelledBy: 'ann@desk' });
  expect(await handle.result()).toMatchObject({ state: 'cancelled', cancelReason: 'ticket 4711' });
  const events = await eventsOf(stage.client, handle.workflowId);
  // Not before: the signal is the second event, and the first task is due with the delay.
  expect(events[1]?.workflowExecutionSignaledEventAttributes).toBeTruthy();
  expect(events[2]?.workflowTaskScheduledEventAttributes).toBeTruthy();
  expect(own.requests).toHaveLength(0);
  await own.close();
});

/** A run in its delay that a person has signalled. A busy machine may need longer than the delay: then it is another
 *  run's turn. */
async function signalledInItsDelay(reason: string): Promise<{ handle: WebhookHandle; own: Receiver }> {
  const own = await startReceiver(200);
  const { handle } = await start(SHORT, aCall({ webhook_url: own.url }));
  await operator.workflow.getHandle(handle.workflowId).signal('cancel', reason);
  const [, second] = await eventsOf(stage.client, handle.workflowId);
  if (second?.workflowExecutionSignaledEventAttributes) return { handle, own };
  await own.close();
  return signalledInItsDelay(reason);
}

test('after such a signal our own cancel closes the run at once; of several endpoints the last one does', async () => {
  const { handle } = await start(
    REST,
    aCallTo([{ webhook_url: receiver.url }, { webhook_url: `${receiver.url}/two` }]),
  );
  const [one, two] = (await handle.status()).deliveries.map(({ endpointId }) => endpointId);
  expect(await handle.cancel({ endpointId: String(one), reason: 'first' })).toEqual({ accepted: true });
  expect(await handle.status()).toMatchObject({ state: 'settling' });
  await operator.workflow.getHandle(handle.workflowId).signal('cancel', { endpointId: two });
  const unheard = await handle.status();
  expect(unheard).toMatchObject({ state: 'cancelled' });
  expect(unheard.settlesUntil).toBeDefined();
  expect(await handle.cancel()).toEqual({ accepted: true });
  expect(await handle.result()).toMatchObject({ state: 'cancelled', cancelReason: 'first' });

  const again = await start(REST, aCallTo([{ webhook_url: receiver.url }, { webhook_url: `${receiver.url}/two` }]));
  for (const endpointId of [one, two]) {
    expect(await again.handle.cancel({ endpointId: String(endpointId) })).toEqual({ accepted: true });
  }
  expect(await again.handle.result()).toMatchObject({ state: 'cancelled' });
  expect(receiver.requests).toHaveLength(0);
});

test('a run that is terminated in its delay is recorded by reconcile, and delivered by a redelivery', async () => {
  const since = new Date();
  const { handle } = await start(REST);
  await operator.workflow.getHandle(handle.workflowId).terminate('by mistake');
  const who = { terminateReason: 'by mistake', terminatedBy: 'ann@desk' };
  expect(await handle.result()).toMatchObject({ state: 'terminated', ...who });
  const log = new MemoryDeliveryLog();
  await waitFor('the list', async () => {
    await stage.webhooks.reconcile(log, { since });
    return log.records().some(({ workflowId }) => workflowId === handle.workflowId);
  });
  expect(log.records().find(({ workflowId }) => workflowId === handle.workflowId)).toMatchObject(who);
  expect(await handle.redeliver()).toMatchObject({ cycle: 2 });
  // Nothing was frozen, so it settles again. The timer does it: a handle does not know the options of its client.
  await waitFor('the timer', async () =>
    (await eventsOf(stage.client, handle.workflowId)).some((event) => event.timerStartedEventAttributes),
  );
  expect(await handle.status()).toMatchObject({ state: 'settling' });
  await handle.cancel();
  expect(await handle.result()).toMatchObject({ state: 'cancelled' });
});

test("the first attempt is promised for the run's start and the delay, whoever waits", async () => {
  const { handle } = await start(SHORT);
  const timer = stage.webhooksWith({ ...SHORT, settle: 'timer' });
  const other = aCall({ webhook_url: receiver.url });
  stage.artifacts.put(other.call_id, readyArtifacts());
  const handles = [handle, await timer.callEnded(other)];
  for (const each of handles) {
    expect(await each?.result()).toMatchObject({ state: 'delivered' });
    const record = stage.log.records().find(({ workflowId }) => workflowId === each?.workflowId);
    const { startTime } = await stage.client.workflow.getHandle(String(each?.workflowId)).describe();
    expect(record?.startedAt).toBe(startTime.toISOString());
    expect(record?.promisedAt).toBe(new Date(startTime.getTime() + SHORT_MS).toISOString());
    // Not early: the promise is a time of the server, and the attempt's start is told by its clock.
    expect(String(record?.attempts[0]?.startedAt) >= String(record?.promisedAt)).toBe(true);
  }
  expect(stepsOf(await eventsOf(stage.client, handle.workflowId))).toEqual(['deliverWebhook']);
});

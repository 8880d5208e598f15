/** The store of secrets is down: nothing is spent, other endpoints are not held up, and cancel and retryNow work. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import { controlCommand } from '../../cli/commands/control/command.ts';
import type { FindableState, WebhookHandle } from '../../client/index.ts';
import { SEARCH_KEYS } from '../../client/start-options.ts';
import { aCallTo, SECRET } from '../support/builders.ts';
import { runInProcess } from '../support/in-process-cli.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { eventsOf, stepsOf } from '../support/run-history.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;
let taker: Receiver;
let isSealed = true;

const secrets = {
  forEndpoint: async (ref: string) => {
    if (ref === 'sealed' && isSealed) throw new Error('the vault is sealed');
    return { current: SECRET };
  },
};

beforeAll(async () => {
  stage = await openStage({ address: devServer().address, worker: { secrets } });
});
beforeEach(async () => {
  isSealed = true;
  taker = await startReceiver(200);
});
afterAll(() => stage.close());

/** A run whose first endpoint is held by the store, and whose second one is not. */
async function startHeld(): Promise<WebhookHandle> {
  const other = await startReceiver(200);
  const call = aCallTo(
    [
      { webhook_url: taker.url, secret_ref: 'sealed' },
      { webhook_url: other.url, secret_ref: 'main' },
    ],
    { status: 'failed' },
  );
  const handle = await stage.webhooks.callEnded(call);
  if (handle === undefined) throw new Error('nobody subscribed');
  await waitFor('the other endpoint to have it', async () => (await stateOf(handle)) === 'waiting_for_us, delivered');
  return handle;
}

async function stateOf(handle: WebhookHandle): Promise<string> {
  return (await handle.status()).deliveries.map(({ state }) => state).join(', ');
}

async function timesHeld({ workflowId }: WebhookHandle): Promise<number> {
  return stepsOf(await eventsOf(stage.client, workflowId)).filter((step) => step === 'waitForUs').length;
}

test('retryNow asks again at once; the attempt keeps its number, and the other endpoint is not held up', async () => {
  const handle = await startHeld();
  const { state, deliveries } = await handle.status();
  expect([state, deliveries[0]]).toMatchObject(['waiting_for_us', { reason: 'secret_store_down', attempts: [] }]);
  // For lists in the Web UI.
  const { typedSearchAttributes } = await stage.client.workflow.getHandle(handle.workflowId).describe();
  expect(typedSearchAttributes.get(SEARCH_KEYS.state)).toBe('waiting_for_us');

  await waitFor('the wait', async () => (await handle.status()).stalled?.why === 'waiting_for_us');
  expect((await handle.status()).stalled?.problem).toMatch(
    /^our own side cannot send to 127\.0\.0\.1 \(secret_store_down\); no attempt is spent; asked again in /,
  );
  expect(await timesHeld(handle)).toBe(1);
  expect(await handle.retryNow()).toEqual({ accepted: true, endpointIds: [deliveries[0]?.endpointId] });
  await waitFor('the second wait', async () => (await timesHeld(handle)) === 2);
  expect(taker.requests).toEqual([]);
  isSealed = false;
  expect(await handle.retryNow()).toMatchObject({ accepted: true });
  const result = await handle.result();
  expect(result.deliveries[0]).toMatchObject({ state: 'delivered', attempts: [{ number: 1, trigger: 'retry_now' }] });
  expect(taker.requests.map(({ headers }) => headers['x-topcalls-attempt'])).toEqual(['1']);
});

test('a cancel ends the wait, without an attempt', async () => {
  const handle = await startHeld();
  expect(await handle.cancel({ reason: 'not needed any more' })).toEqual({ accepted: true });
  const result = await handle.result();
  expect(result.state).toBe('cancelled');
  expect(result.deliveries[0]).toMatchObject({ state: 'cancelled', attempts: [] });
  expect(taker.requests).toEqual([]);
  expect(stage.log.records().filter(({ workflowId }) => workflowId === handle.workflowId)).toMatchObject([
    { state: 'delivered' },
    { state: 'cancelled', attempts: [] },
  ]);
});

test('a worker without our activities spends no attempt; the webhook goes once the right one is there', async () => {
  const taskQueue = `${stage.taskQueue}-bare`;
  const connection = await NativeConnection.connect({ address: devServer().address });
  const bare = await Worker.create({ connection, taskQueue, activities: { placeCall: async () => 'another job' } });
  const running = bare.run();
  const decider = await stage.startWorker({ taskQueue, temporal: { enableNonLocalActivities: false } });
  const call = aCallTo([{ webhook_url: taker.url, secret_ref: 'main' }], { status: 'failed' });
  const handle = await stage.webhooksWith({ taskQueue }).callEnded(call);
  if (handle === undefined) throw new Error('nobody subscribed');
  await waitFor('the wait', async () => (await stateOf(handle)) === 'waiting_for_us');
  expect((await handle.status()).deliveries).toMatchObject([{ reason: 'no_activity', attempts: [] }]);

  bare.shutdown();
  await running;
  await connection.close();
  await decider.stop();
  await stage.startWorker({ taskQueue });
  await waitFor('the second wait, or the webhook', async () => (await handle.retryNow()).accepted);
  const result = await handle.result();
  expect(result.deliveries).toMatchObject([{ state: 'delivered', attempts: [{ number: 1 }] }]);
  expect(taker.requests).toHaveLength(1);
});

test('what waits for us is found as such and as retrying, and one command hurries it all', async () => {
  const handle = await startHeld();
  const { endpointId = '' } = (await handle.status()).deliveries[0] ?? {};
  const found = async (state: FindableState): Promise<string[]> => {
    const states: string[] = [];
    for await (const each of stage.webhooks.find({ state, endpointId })) {
      if (each.workflowId === handle.workflowId) states.push(each.state);
    }
    return states;
  };
  await waitFor('the list', async () => (await found('waiting_for_us')).join(' ') === 'waiting_for_us');
  expect(await found('retrying')).toEqual(['waiting_for_us']);
  await waitFor('the wait', async () => (await handle.status()).stalled?.why === 'waiting_for_us');
  isSealed = false;
  const args = ['--waiting-for-us', '--endpoint', endpointId];
  const { code, stdout } = await runInProcess(controlCommand('retry-now'), args, {
    TEMPORAL_ADDRESS: devServer().address,
  });
  expect([code, stdout]).toEqual([0, `${handle.workflowId}\tdone\tattempt asked at ${endpointId}`]);
  expect(await handle.result()).toMatchObject({ state: 'delivered' });
});

/** redeliver after a deploy that renders bodies differently: the frozen bytes go out again unchanged. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WebhookHandle } from '../../client/index.ts';
import { bundleAltered } from '../support/altered-workflows.ts';
import { aCall, readyArtifacts } from '../support/builders.ts';
import { startReceiver, type Answer, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

type Run = { readonly handle: WebhookHandle; readonly receiver: Receiver };

let stage: Stage;
/** One run per way to end. Each ended under the code before the deploy. */
let runs: Readonly<Record<'failed' | 'gone' | 'cancelled' | 'terminated' | 'delivered', Run>>;
const receivers: Receiver[] = [];

beforeAll(async () => {
  const webhooks = { settleDelayMs: 0, retryDelaysMs: [1_000] };
  stage = await openStage({ address: devServer().address, webhooks, worker: false });
  const [workflowBundle, before] = await Promise.all([
    bundleAltered('contract/render-body.ts', 'call_id: call.call_id,', 'layout: 2, call_id: call.call_id,'),
    stage.startWorker(),
  ]);
  const [failed, gone, cancelled, terminated, delivered] = await Promise.all([
    start([503]),
    start([410]),
    start([503], [600_000]),
    start([503], [600_000]),
    start([200]),
  ]);
  runs = { failed, gone, cancelled, terminated, delivered };
  for (const { handle } of [cancelled, terminated]) {
    await waitFor('the wait', async () => (await handle.status()).state === 'retrying');
  }
  await cancelled.handle.cancel();
  await stage.client.workflow.getHandle(terminated.handle.workflowId).terminate('test');
  await Promise.all(Object.values(runs).map(({ handle }) => handle.result()));
  await before.stop();
  await stage.startWorker({ temporal: { workflowBundle } });
});
afterAll(async () => {
  await stage.close();
  await Promise.all(receivers.map((receiver) => receiver.close()));
});

async function start(answers: readonly Answer[], retryDelaysMs = [1_000]): Promise<Run> {
  const receiver = await startReceiver(...answers);
  receivers.push(receiver);
  const call = aCall({ webhook_url: receiver.url, metadata: { note: 'Grüße "quoted" \\ \u2028 👋' } });
  stage.artifacts.put(call.call_id, readyArtifacts());
  const handle = await stage.webhooksWith({ retryDelaysMs }).callEnded(call);
  if (handle === undefined) throw new Error('nobody subscribed');
  return { handle, receiver };
}

test('a new call after the deploy has the new body', async () => {
  const { handle, receiver } = await start([200]);
  await handle.result();
  expect(receiver.requests[0]?.body.startsWith('{"layout":2,"call_id":')).toBe(true);
});

test.each([
  ['failed', 'FAILED', {}],
  ['gone', 'FAILED', {}],
  ['cancelled', 'CANCELLED', {}],
  ['terminated', 'TERMINATED', {}],
  ['delivered', 'COMPLETED', { force: true }],
] as const)('a %s delivery goes out again with the id and the bytes of before', async (state, closed, request) => {
  const { handle, receiver } = runs[state];
  expect((await stage.client.workflow.getHandle(handle.workflowId).describe()).status.name).toBe(closed);
  expect((await handle.result()).state).toBe(state);
  const [first] = receiver.requests;
  const seen = receiver.requests.length;
  // Once more to a receiver that is still down, then to one that works again: the body survives a failed redelivery,
  // too.
  receiver.answer(410, 200);
  expect(await handle.redeliver(request)).toMatchObject({ cycle: 2 });
  expect((await handle.result()).state).toBe('gone');
  expect(await handle.redeliver()).toMatchObject({ cycle: 3 });
  expect((await handle.result()).state).toBe('delivered');

  expect(receiver.requests).toHaveLength(seen + 2);
  for (const again of receiver.requests.slice(seen)) {
    expect(again.body).toBe(first?.body);
    expect(again.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  }
});

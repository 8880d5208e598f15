/** The door ./testing against a real worker in virtual time: openVirtualTime skips the ladder, and the fake says of the
 *  same answers what the real client says. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MemoryArtifactSource, StaticSecrets } from '../../adapters/index.ts';
import type { Artifact } from '../../activities/index.ts';
import type { WebhookHandle, WebhookResult, WebhookStatus } from '../../client/index.ts';
import { given } from '../../contract/given.ts';
import { FakeWebhookClient, openReceiver, openVirtualTime } from '../../testing/index.ts';
import type { FakeRun, TestReceiver, VirtualTime } from '../../testing/index.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { untilRetrying } from '../support/until-retrying.ts';
import { aCall, aCallTo, aFailedCall, readyArtifacts, SECRET } from '../support/builders.ts';

// Made once for all test files; a host needs no such option.
const temporal = { workflowBundle: { codePath: String(process.env['TEST_WORKFLOW_BUNDLE']) } };
const artifacts = new MemoryArtifactSource();
let time: VirtualTime;
let receiver: TestReceiver;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ address: devServer().address });
  receiver = await openReceiver({ secret: SECRET });
  time = await openVirtualTime({
    worker: { artifacts, secrets: new StaticSecrets({ main: SECRET }), log: 'none', temporal },
    serverPath: String(process.env['TEST_TEMPORAL_TEST_SERVER']),
  });
});
afterAll(async () => {
  await stage.close();
  await time.close();
  await receiver.close();
});

/** Times and durations are the machine's; whether they are there is not. */
function timeless(told: WebhookStatus | WebhookResult): unknown {
  return JSON.parse(JSON.stringify(told), (key, value: unknown) => {
    if (key === 'startedAt' || key === 'nextAttemptAt') return 'a time';
    if (key === 'durationMs') return 0;
    return key === 'cancelledBy' ? 'somebody' : value;
  });
}

const handleOf = async (handle: Promise<WebhookHandle | undefined>): Promise<WebhookHandle> => {
  const started = await handle;
  if (started === undefined) throw new Error('nobody subscribed');
  return started;
};

test('deliverAll() waits 81 minutes out, and gives the results in the order of the reports', async () => {
  receiver.answer(503);
  const before = await time.nowMs();
  const [failed, settled] = [aFailedCall({ webhook_url: receiver.url }), aCall({ webhook_url: receiver.url })];
  artifacts.put(settled.call_id, readyArtifacts());
  await time.webhooks.callEnded(failed);
  await time.webhooks.callEnded(settled);
  const results = await time.deliverAll();
  expect(results.map(({ workflowId, state }) => [workflowId, state])).toEqual([
    [`call-webhook/${failed.call_id}`, 'failed'],
    [`call-webhook/${settled.call_id}`, 'failed'],
  ]);
  expect((await time.nowMs()) - before).toBeGreaterThan(81 * 60_000);
  const webhooks = await receiver.received(10);
  expect(webhooks.map(({ verified }) => verified?.ok)).toEqual(Array.from({ length: 10 }, () => true));
  expect(webhooks.filter(({ id }) => id === webhooks[0]?.id).map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
});

/** What a person does between two attempts; `run` is the fake's. */
type Scene = {
  readonly answers: readonly number[];
  readonly act?: (handle: WebhookHandle) => Promise<unknown>;
  readonly after?: (run: FakeRun) => void;
};
const SCENES: readonly [string, Scene][] = [
  ['delivered at the third attempt', { answers: [503, 500, 200] }],
  ['gone', { answers: [503, 410] }],
  ['failed', { answers: [500, 500, 500, 500, 503] }],
  ['cancelled in a wait', { answers: [503], act: (handle) => handle.cancel({ reason: 'the customer asked' }) }],
  ['hurried', { answers: [503], act: (handle) => handle.retryNow(), after: (run) => run.deliver() }],
];

test.each(SCENES)('the fake says of a webhook that is %s what the real client says', async (_how, scene) => {
  const { answers, act, after } = scene;
  receiver.answer(...answers, ...(after === undefined ? [] : [200]));
  const call = aFailedCall({ webhook_url: receiver.url });
  const fakes = new FakeWebhookClient();
  // The server that skips time does not show that an attempt waits. So what people do is played on the real one.
  const { webhooks } = act === undefined ? time : stage;
  const [real, fake] = [await handleOf(webhooks.callEnded(call)), await handleOf(fakes.callEnded(call))];
  const run = fakes.run(fake);
  for (const answer of answers) run.answer(answer);
  if (act !== undefined) {
    await untilRetrying(real);
    expect(timeless(await fake.status())).toEqual(timeless(await real.status()));
    expect(await act(fake)).toEqual(await act(real));
    after?.(run);
  }
  expect(timeless(await fake.result())).toEqual(timeless(await real.result()));
  expect(timeless(await fake.status())).toEqual(timeless(await real.status()));
});

test('a redelivery of the fake has the ids, the body and the outcome of a real one', async () => {
  receiver.answer(410);
  const second = await openReceiver({ secret: SECRET });
  const call = aCallTo([
    { webhook_url: receiver.url, secret_ref: 'main' },
    { webhook_url: second.url, secret_ref: 'main' },
  ]);
  const fakes = new FakeWebhookClient();
  artifacts.put(call.call_id, readyArtifacts());
  const { recording, transcript, summary } = readyArtifacts();
  const real = await handleOf(time.webhooks.callEnded(call));
  const fake = await handleOf(fakes.callEnded(call));
  const [gone = ''] = fakes.run(fake).input.endpoints.map(({ endpointId }) => endpointId);
  const value = <T>(artifact: Artifact<T>): T | undefined => (artifact.status === 'ready' ? artifact.value : undefined);
  fakes
    .run(fake)
    .freeze(given({ recording: value(recording), transcript: value(transcript), summary: value(summary) }))
    .answer(410, { endpointId: gone })
    .deliver();
  await time.deliverAll();
  receiver.answer(200);
  expect(await fake.redeliver()).toEqual(await real.redeliver());
  fakes.run(fake).deliver();
  await time.deliverAll();
  expect(timeless(await fake.result())).toEqual(timeless(await real.result()));
  expect(fakes.run(fake).body).toBe(receiver.webhooks.at(-1)?.text);
  await second.close();
});

test('a server program that is not there, and a worker that cannot start, are told', async () => {
  const worker = { artifacts, secrets: new StaticSecrets({}), log: 'none' } as const;
  await expect(openVirtualTime({ worker, serverPath: '/nowhere/temporal-test-server' })).rejects.toThrow();
});

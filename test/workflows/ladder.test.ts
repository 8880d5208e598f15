/** The ladder in virtual time: the time-skipping server honours every delay, and 81 minutes pass in under a second. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { aCall, readyArtifacts } from '../support/builders.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { timeSkipping } from '../support/temporal-server.ts';

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
  const before = Date.now();
  await stage.webhooks.callEnded(call);
  const handle = env.client.workflow.getHandle(`call-webhook/${call.call_id}`);
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'DeliveryFailed' } });
  const result = await stage.webhooks.call(call.call_id).result();
  expect(Date.now() - before).toBeLessThan(5_000);
  console.log(JSON.stringify(result, null, 1));
  expect(result.state).toBe('failed');
});

/** Ids of any text, on a real server: started, found, read, redelivered and recorded under the id as it came. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { controlCommand } from '../../cli/commands/control/command.ts';
import { statusCommand } from '../../cli/commands/status/command.ts';
import { aFailedCall } from '../support/builders.ts';
import { runInProcess } from '../support/in-process-cli.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;
let receiver: Receiver;
const env = () => ({ TEMPORAL_ADDRESS: devServer().address });

beforeAll(async () => {
  stage = await openStage({ address: devServer().address });
  receiver = await startReceiver(200);
});
afterAll(async () => {
  await receiver.close();
  await stage.close();
});

/** Every kind of character, and the longest id whose every character takes nine in its encoded form. */
const IDS: readonly (readonly [what: string, id: () => string])[] = [
  ['a SIP id', () => `${randomUUID()}@pc33.example.com`],
  ['a path', () => `room/${randomUUID()}/42`],
  ['quotes, backslashes and percent signs', () => `a'b"c\\d%2F\`${randomUUID()}`],
  ['control characters and right-to-left marks', () => `a\n\t\u001b[31m\u202e${randomUUID()}`],
  ['letters of other scripts', () => `通话 Grüße 👋 ${randomUUID()}`],
  ['200 characters of nine each', () => `${randomUUID()}${'话'.repeat(164)}`],
];

test.each(IDS)('%s', async (_what, anId) => {
  const [callId, campaignId, accountId] = [anId(), anId(), anId()];
  const call = aFailedCall({ call_id: callId, campaign_id: campaignId, account_id: accountId, secret_ref: 'main' });
  const handle = await stage.webhooks.callEnded({ ...call, webhook_url: receiver.url });
  expect(await handle?.result()).toMatchObject({ state: 'delivered' });

  // The body and the log have the ids as they came.
  const bodies = receiver.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(bodies).toContainEqual(expect.objectContaining({ call_id: callId, campaign_id: campaignId }));
  const record = stage.log.records().find((each) => each.callId === callId);
  expect(record).toMatchObject({ callId, campaignId, accountId, state: 'delivered' });

  // The handle of the id is the same run, and the list finds it by campaign and account.
  const again = stage.webhooks.call(callId);
  expect(again.workflowId).toBe(handle?.workflowId);
  expect(await again.status()).toMatchObject({ state: 'delivered' });
  await waitFor('the list to have it', async () => {
    const found: string[] = [];
    for await (const run of stage.webhooks.find({ campaignId, accountId })) found.push(run.workflowId);
    return found.length === 1 && found[0] === handle?.workflowId;
  });

  // Commands take the id, the workflow id, and the workflow id as a browser has it.
  for (const text of [callId, again.workflowId, encodeURIComponent(again.workflowId)]) {
    const status = await runInProcess(statusCommand, [text, '--json'], env());
    expect(JSON.parse(status.stdout)).toMatchObject({ workflowId: again.workflowId, state: 'delivered' });
  }
  const redelivered = await runInProcess(controlCommand('redeliver'), [callId, '--force'], env());
  expect([redelivered.code, redelivered.stdout]).toEqual([0, expect.stringContaining(again.workflowId)]);
  expect(await again.result()).toMatchObject({ state: 'delivered' });
  expect(await again.cancel()).toEqual({ accepted: false, state: 'delivered' });
});

test('what was repaired stands in the status of the run, and in one line of the worker’s log', async () => {
  const endpoints = [{ webhook_url: `${receiver.url}?second`, secret_ref: 'main' }];
  const call = { ...aFailedCall(), webhook_url: receiver.url, endpoints, created_at: 1_769_855_400 };
  const handle = await stage.webhooks.callEnded(call as never);
  await handle?.result();
  const problem =
    'an integer: read as unix seconds; send an ISO 8601 time with Z or an offset, such as 2025-12-22T10:30:05Z';
  expect((await handle?.status())?.repairs).toEqual([{ field: 'created_at', problem }]);
  const lines = stage.lines.filter(({ callId, message }) => callId === call.call_id && message === 'webhook.repaired');
  expect(lines).toMatchObject([{ level: 'warn', repairs: [`created_at: ${problem}`] }]);
  const { stdout } = await runInProcess(statusCommand, [call.call_id], env());
  expect(stdout).toContain(`created_at: ${problem}`);
});

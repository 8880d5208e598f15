/** `reportCall` on a real server: as a standalone activity, beside the client, through the worker's own connection. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ReportAnswer } from '../../activities/index.ts';
import { callReports } from '../../client/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';

let stage: Stage;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  stage = await openStage({ address: devServer().address, worker: { reports: callReports() } });
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
});

/** Runs the activity without a workflow, as `temporal activity execute` does. */
function reportCall(...args: readonly unknown[]): Promise<ReportAnswer> {
  const { client, taskQueue } = stage;
  const id = `report/${randomUUID()}`;
  return client.activity.execute('reportCall', { id, taskQueue, args: [...args], startToCloseTimeout: '30 seconds' });
}

test('thirty reports of one call at once, ten of them by the client, are one run and one webhook', async () => {
  const call = aFailedCall({ webhook_url: receiver.url });
  const json = JSON.stringify(call);
  const [answers, handles] = await Promise.all([
    Promise.all(Array.from({ length: 20 }, (_each, index) => reportCall(index % 2 === 0 ? call : json))),
    Promise.all(Array.from({ length: 10 }, () => stage.webhooks.callEnded(call))),
  ]);
  const result = await stage.webhooks.call(call.call_id).result();
  const [delivery] = result.deliveries;
  expect(result.state).toBe('delivered');
  expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([delivery?.webhookId]);

  const all = [...answers, ...handles];
  const { endpointId, host, webhookId } = delivery ?? {};
  expect(new Set(all.map((each) => each?.workflowId))).toEqual(new Set([result.workflowId]));
  expect(all.map((each) => each?.webhooks)).toEqual(all.map(() => [{ endpointId, host, webhookId }]));
  expect(all.filter((each) => each?.alreadyReported === false)).toHaveLength(1);
  expect(answers.map(({ reportedDifferently }) => reportedDifferently)).toEqual(answers.map(() => null));
});

test('a second report with other data is told, and one of another account is refused for good', async () => {
  const call = aFailedCall({ webhook_url: receiver.url, account_id: 'acct_1' });
  await reportCall(call);
  const { reportedDifferently, warnings } = await reportCall({ ...call, lead_id: 'another' });
  expect(reportedDifferently).toContain('was reported before with other data (lead_id)');
  expect(warnings.map(({ code }) => code)).toEqual(['reported_differently']);
  await expect(reportCall({ ...call, account_id: 'acct_2' })).rejects.toMatchObject({
    cause: { type: 'IdOfAnotherAccountError', nonRetryable: true, details: [{ code: 'id_of_another_account' }] },
  });
});

test('a report that nobody can read ends at once, in the words of the client', async () => {
  await expect(reportCall({ callId: 'c1' })).rejects.toMatchObject({
    cause: { type: 'InvalidInputError', nonRetryable: true, message: expect.stringContaining('callId is no field') },
  });
  await expect(reportCall()).rejects.toMatchObject({
    cause: { message: expect.stringContaining('must be an object') },
  });
});

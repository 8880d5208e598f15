/** `status` on the command line: what it says of a webhook, and what it takes as an id. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { controlCommand } from '../../cli/commands/control/command.ts';
import { statusCommand } from '../../cli/commands/status/command.ts';
import type { WebhookHandle } from '../../client/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { runInProcess, type CommandRun } from '../support/in-process-cli.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { untilRetrying } from '../support/until-retrying.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;
const env = () => ({ TEMPORAL_ADDRESS: devServer().address });

beforeAll(async () => {
  stage = await openStage({ address: devServer().address });
});
afterAll(() => stage.close());

const status = (...args: readonly string[]): Promise<CommandRun> => runInProcess(statusCommand, args, env());

async function aWebhook(
  retryDelaysMs: readonly number[],
  answer: number,
): Promise<{ readonly handle: WebhookHandle; readonly receiver: Receiver; readonly callId: string }> {
  const receiver = await startReceiver(answer);
  const callId = `call-${randomUUID()}`;
  const handle = await stage
    .webhooksWith({ retryDelaysMs: [...retryDelaysMs] })
    .callEnded(aFailedCall({ call_id: callId, webhook_url: receiver.url }));
  if (handle === undefined) throw new Error('the call started no run');
  return { handle, receiver, callId };
}

const listed = (query: string, count: number) =>
  waitFor(`${count} in the list`, async () => (await stage.client.workflow.count(query)).count === count);

test('a waiting webhook: attempt x of y, time left and commands; by every id that a person may have', async () => {
  const { handle, receiver, callId } = await aWebhook([600_000, 600_000], 503);
  await untilRetrying(handle);
  const words = await status(callId);
  expect(words.stdout).toMatch(/retrying; next attempt at 20\S+Z, in (9 min \d+|10 min 0) s: attempt 2 of 3\n/);
  expect(words.stdout).toContain(`topcalls-webhooks retry-now call-webhook/${callId}`);
  expect(Math.max(...words.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);

  const { runId } = await stage.client.workflow.getHandle(handle.workflowId).describe();
  await listed(`RunId = '${runId}'`, 1);
  const { webhookId = '' } = (await handle.status()).deliveries[0] ?? {};
  const page = `http://127.0.0.1:8233/namespaces/default/workflows/call-webhook%2F${callId}`;
  for (const id of [`call-webhook%2F${callId}`, page, `${page}/${runId}/history`, runId, webhookId]) {
    const { code, stdout } = await status(id, '--json');
    expect([id, code, JSON.parse(stdout)]).toMatchObject([id, 0, { workflowId: handle.workflowId, state: 'retrying' }]);
  }
  expect((await status(randomUUID())).code).toBe(1);
  expect((await status(`msg_${'a'.repeat(24)}`)).code).toBe(1);
  const elsewhere = await runInProcess(controlCommand('cancel'), [page, '-n', 'prod'], env());
  expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('2 namespaces')]);
  expect((await runInProcess(controlCommand('cancel'), [`${page}/${runId}`], env())).code).toBe(0);
  expect(await handle.result()).toMatchObject({ state: 'cancelled' });
  await receiver.close();
});

test('a retryNow that no worker has taken up is told as such, and not as one that changed nothing', async () => {
  const nobody = stage.webhooksWith({ taskQueue: `nobody-${randomUUID()}` });
  const handle = await nobody.callEnded(aFailedCall({ webhook_url: 'https://crm.example.com/hook' }));
  const run = stage.client.workflow.getHandle(String(handle?.workflowId));
  await run.signal('retryNow', {});
  const { stdout } = await status(run.workflowId);
  expect(stdout).toMatch(/^note: retryNow at 20\S+Z by \S+ was asked for, and no worker has taken it up yet/m);
  expect(stdout.match(/^note: /gm)).toHaveLength(1);
  expect(JSON.parse((await status(run.workflowId, '--json')).stdout).unheard).toEqual([
    { signal: 'retryNow', at: expect.stringMatching(/^20/), by: expect.any(String) },
  ]);
  await run.terminate();
});

test('signals that changed nothing are told: for an endpoint that the run does not have, and at a wrong moment', async () => {
  const { handle, receiver } = await aWebhook([600_000], 503);
  await untilRetrying(handle);
  const run = stage.client.workflow.getHandle(handle.workflowId);
  await run.signal('cancel', { endpointId: 'ep_aaaaaaaaaaaa' });
  await run.signal('retryNow', { endpointID: 7 });
  await run.signal('cancel', { reason: 'moved' });
  await handle.result();
  const { stdout } = await status(handle.workflowId);
  expect(stdout).toMatch(
    /note: cancel at 20\S+Z for endpoint ep_aaaaaaaaaaaa changed nothing: this run has no such endpoint; it has ep_/,
  );
  expect(stdout).toMatch(/note: retryNow at 20\S+Z for endpoint \(not readable\) changed nothing/);
  expect(stdout.match(/^note: /gm)).toHaveLength(2);
  await receiver.close();
});

test('after a redelivery it names the earlier run, whose status says that it is not the latest', async () => {
  const { handle, receiver } = await aWebhook([], 500);
  await handle.result();
  const { runId } = await stage.client.workflow.getHandle(handle.workflowId).describe();
  receiver.answer(200);
  await handle.redeliver();
  await handle.result();
  await listed(`WorkflowId = '${handle.workflowId}' AND ExecutionStatus != 'Running'`, 2);
  const { stdout } = await status(handle.workflowId);
  expect(stdout).toMatch(
    new RegExp(`earlier runs, the latest first:\n  failed, closed 20\\S+Z  topcalls-webhooks status ${runId}`),
  );
  const all = await status(handle.workflowId, '--earlier');
  expect(all.stdout).toMatch(new RegExp(`│ 200 [\\s\\S]*run ${runId}: failed, closed [\\s\\S]*│ 500 `));
  expect(JSON.parse((await status(handle.workflowId, '--earlier', '--json')).stdout)).toMatchObject({
    state: 'delivered',
    earlier: [{ runId, state: 'failed', deliveries: [{ attempts: [{ status: 500 }] }] }],
  });
  expect((await status(handle.workflowId, '--earlier', '--html')).code).toBe(2);
  const first = await status(runId);
  expect(first.stdout).toContain('call.failed: failed');
  expect(first.stdout).toContain(`run ${runId}, which is not the latest one`);
  expect(first.stdout).toContain(`topcalls-webhooks status ${handle.workflowId}  # the latest run`);
  await receiver.close();
});

test('a webhook that no worker takes is said to stand still, and retry-now says why it asked nothing', async () => {
  const taskQueue = `nobody-${randomUUID()}`;
  const call = aFailedCall({ webhook_url: 'https://crm.example.com/hook' });
  const handle = await stage.webhooksWith({ taskQueue }).callEnded(call);
  const words = await status(handle?.workflowId ?? '');
  expect(words.stdout).toContain('call.failed: no_worker\n');
  expect(words.stdout).toContain(`no worker polls the task queue "${taskQueue}"`);
  expect(words.stdout).not.toMatch(/settling|delivering/);
  const hurried = await runInProcess(controlCommand('retry-now'), [handle?.workflowId ?? ''], env());
  expect([hurried.code, hurried.stdout]).toEqual([1, expect.stringContaining('nothing was asked: no worker polls')]);
  await stage.client.workflow.getHandle(handle?.workflowId ?? '').terminate();
});

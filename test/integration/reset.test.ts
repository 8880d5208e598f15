/** A run that was reset in the Web UI delivers again, under the same webhook id, and adds a row to the log. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { statusCommand } from '../../cli/commands/status/command.ts';
import { PostgresDeliveryLog } from '../../adapters/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { runInProcess } from '../support/in-process-cli.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startReceiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

/** Event id at which the first workflow task ended: everything is done again from there. */
const FIRST_TASK = 4;

let postgres: TestPostgres;
let log: PostgresDeliveryLog;
let stage: Stage;

beforeAll(async () => {
  postgres = await startPostgres();
  log = new PostgresDeliveryLog({ connectionString: postgres.url, autoMigrate: true });
  stage = await openStage({ address: devServer().address, worker: { log } });
});
afterAll(async () => {
  await stage.close();
  await log.close();
  await postgres.close();
});

test('a delivered run that is reset: two rows, the first unchanged', async () => {
  const receiver = await startReceiver(200);
  const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  if (handle === undefined) throw new Error('nobody subscribed');
  const { deliveries } = await handle.result();
  const webhookId = deliveries[0]?.webhookId ?? '';
  const [first, ...none] = await log.show(webhookId);
  expect([first?.state, none]).toEqual(['delivered', []]);

  const runId = await reset(handle.workflowId, first?.runId ?? '', FIRST_TASK);
  await waitFor(
    'the reset run to end',
    async () => (await handle.status()).state === 'delivered' && receiver.requests.length === 2,
  );
  await stage.client.workflow.getHandle(handle.workflowId, runId).result();

  expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([webhookId, webhookId]);
  const env = { TEMPORAL_ADDRESS: devServer().address };
  const said = await runInProcess(statusCommand, [handle.workflowId], env);
  expect(said.stdout).toContain(
    `this run was reset: it does a part of the run before it again (topcalls-webhooks status ${first?.runId})`,
  );
  const page = await runInProcess(statusCommand, [handle.workflowId, '--html'], env);
  expect(page.stdout).toMatch(/Note: this run was reset: .*\n.*Note: earlier run: delivered, closed /);
  const rows = await log.show(webhookId);
  expect(rows[0]).toEqual(first);
  expect(rows.slice(1)).toMatchObject([{ webhookId, cycle: 1, runId, state: 'delivered' }]);
  // The promise was for the first life. Measured by it, the second delivery would be as late as the operator was.
  expect(rows.map(({ promisedAt }) => promisedAt !== undefined)).toEqual([true, false]);
});

test('a run that is reset after its cancel, while the attempt is in flight, does not send it again', async () => {
  const held: ServerResponse[] = [];
  const receiver = await startReceiver((response) => held.push(response));
  const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  if (handle === undefined) throw new Error('nobody subscribed');
  await receiver.received(1);
  await handle.cancel({ reason: 'wrong number' });
  const events = await heardCancel(handle.workflowId);
  const started = events[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId ?? '';
  const lastTask = events.findLast((event) => event.workflowTaskCompletedEventAttributes)?.eventId;

  await reset(handle.workflowId, started, Number(lastTask));

  expect(await handle.result()).toMatchObject({ state: 'cancelled', deliveries: [{ attempts: [] }] });
  expect(receiver.requests.length).toBe(1);
  expect(stage.lines.filter(({ message }) => message === 'webhook.attempt_not_sent')).toMatchObject([
    { why: 'cancelled' },
  ]);
  for (const response of held) response.end();
});

async function reset(workflowId: string, runId: string, finishedTask: number): Promise<string> {
  const answer = await stage.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    // A Long of protobuf's shape.
    workflowTaskFinishEventId: { low: finishedTask, high: 0, unsigned: false } as never,
    requestId: `${runId}/${finishedTask}`,
    reason: 'by an operator',
  });
  return answer.runId;
}

/** Events of the run once it has asked to cancel its attempt. */
async function heardCancel(workflowId: string) {
  return waitFor('the run to hear its cancel', async () => {
    const { events = [] } = await stage.client.workflow.getHandle(workflowId).fetchHistory();
    return (events ?? []).some((event) => event.activityTaskCancelRequestedEventAttributes)
      ? (events ?? [])
      : undefined;
  });
}

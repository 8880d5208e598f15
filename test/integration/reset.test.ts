/** A run that was reset in the Web UI delivers again, under the same webhook id, and adds a row to the log. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PostgresDeliveryLog } from '../../adapters/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startReceiver } from '../support/receiver.ts';

import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

/** Event id at which the first workflow task ended: everything is done again from there. A Long of protobuf's shape. */
const FIRST_TASK = { low: 4, high: 0, unsigned: false } as never;

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

  const { runId } = await stage.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId, runId: first?.runId ?? '' },
    workflowTaskFinishEventId: FIRST_TASK,
    requestId: handle.workflowId,
    reason: 'by an operator',
  });
  await waitFor(
    'the reset run to end',
    async () => (await handle.status()).state === 'delivered' && receiver.requests.length === 2,
  );
  await stage.client.workflow.getHandle(handle.workflowId, runId).result();

  expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([webhookId, webhookId]);
  const rows = await log.show(webhookId);
  expect(rows[0]).toEqual(first);
  expect(rows.slice(1)).toMatchObject([{ webhookId, cycle: 1, runId, state: 'delivered' }]);
});

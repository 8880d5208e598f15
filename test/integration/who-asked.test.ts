/** Who cancelled or terminated a webhook, and why: the same in status, result and record, whichever way it came. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { MemoryDeliveryLog } from '../../adapters/index.ts';
import { type WebhookHandle } from '../../client/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { untilRetrying } from '../support/until-retrying.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;
let receiver: Receiver;
let connection: Connection;
let operator: Client;

beforeAll(async () => {
  receiver = await startReceiver(503);
  const identities = { client: 'engine@host', worker: 'worker@host' };
  stage = await openStage({ address: devServer().address, identities });
  connection = await Connection.connect({ address: devServer().address });
  operator = new Client({ connection, identity: 'ann@desk' });
});
afterAll(async () => {
  await stage.close();
  await connection.close();
  await receiver.close();
});

/** A webhook whose first attempt failed, and whose second one waits. */
async function waiting(): Promise<WebhookHandle> {
  const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  if (handle === undefined) throw new Error('nobody subscribed');
  await untilRetrying(handle);
  return handle;
}

test.each<[string, (handle: WebhookHandle) => Promise<unknown>, object]>([
  ['our handle', (handle) => handle.cancel({ reason: 'moved' }), { cancelReason: 'moved', cancelledBy: 'engine@host' }],
  [
    'a plain signal',
    ({ workflowId }) => operator.workflow.getHandle(workflowId).signal('cancel', 'ticket 4711'),
    { cancelReason: 'ticket 4711', cancelledBy: 'ann@desk' },
  ],
  [
    'the button of the Web UI',
    ({ workflowId }) => operator.workflow.getHandle(workflowId).cancel(),
    { cancelledBy: 'ann@desk' },
  ],
  [
    'a request with a reason',
    ({ workflowId }) =>
      operator.workflowService.requestCancelWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId },
        identity: 'ann@desk',
        reason: 'stuck',
      }),
    { cancelReason: 'stuck', cancelledBy: 'ann@desk' },
  ],
])('cancelled by %s', async (_way, cancel, who) => {
  const handle = await waiting();
  await cancel(handle);
  const result = await handle.result();
  expect(result).toMatchObject({ state: 'cancelled', ...who });
  expect(await handle.status()).toMatchObject({ state: 'cancelled', ...who });
  const [record] = await stage.log.show(result.deliveries[0]?.webhookId ?? '');
  expect(record).toMatchObject({ state: 'cancelled', ...who });
  if (!('cancelReason' in who)) expect([result.cancelReason, record?.cancelReason]).toEqual([undefined, undefined]);
});

test('of two endpoints only the cancelled one’s record names who asked, and the run does', async () => {
  const good = await startReceiver(200);
  const call = aFailedCall({ webhook_url: receiver.url, campaign: { webhook_url: good.url, secret_ref: 'main' } });
  const handle = await stage.webhooks.callEnded(call);
  const endpointId = (await handle?.status())?.deliveries[0]?.endpointId ?? '';
  await handle?.cancel({ endpointId, reason: 'this one only' });
  const result = await handle?.result();
  const who = { cancelReason: 'this one only', cancelledBy: 'engine@host' };
  expect(result).toMatchObject({ state: 'cancelled', ...who });
  const [bad, fine] = await Promise.all(
    (result?.deliveries ?? []).map(async ({ webhookId }) => (await stage.log.show(webhookId))[0]),
  );
  expect(bad).toMatchObject({ state: 'cancelled', ...who });
  expect(fine).not.toHaveProperty('cancelledBy');
  await good.close();
});

test('a terminated run names who ended it and why, in status, result and the record that reconcile writes', async () => {
  const since = new Date();
  const handle = await waiting();
  await operator.workflow.getHandle(handle.workflowId).terminate('wrong customer');
  const who = { terminateReason: 'wrong customer', terminatedBy: 'ann@desk' };
  const result = await handle.result();
  expect(result).toMatchObject({ state: 'terminated', ...who });
  expect(await handle.status()).toMatchObject({ state: 'terminated', ...who });
  const log = new MemoryDeliveryLog();
  await waitFor('the list', async () => {
    await stage.webhooks.reconcile(log, { since });
    return (await log.show(result.deliveries[0]?.webhookId ?? '')).length > 0;
  });
  const [record] = await log.show(result.deliveries[0]?.webhookId ?? '');
  expect(record).toMatchObject({ state: 'terminated', reason: 'terminated', ...who });
});

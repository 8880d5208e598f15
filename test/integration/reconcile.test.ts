/** reconcile records, once, what runs ended by force left unrecorded. Nothing else in the log changes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { reconcileCommand } from '../../cli/commands/reconcile/command.ts';
import { PostgresDeliveryLog } from '../../adapters/index.ts';
import type { WebhookHandle } from '../../client/index.ts';
import { aCall, aFailedCall } from '../support/builders.ts';
import { runInProcess } from '../support/in-process-cli.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startReceiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startOwnServer, type OwnServer } from '../support/temporal-server.ts';
import { untilRetrying } from '../support/until-retrying.ts';
import { waitFor } from '../support/wait-for.ts';

// A server of its own: terminated runs of other tests must not count.
let server: OwnServer;
let postgres: TestPostgres;
let log: PostgresDeliveryLog;
let stage: Stage;

beforeAll(async () => {
  [server, postgres] = await Promise.all([startOwnServer(), startPostgres()]);
  log = new PostgresDeliveryLog({ connectionString: postgres.url, autoMigrate: true });
  stage = await openStage({ address: server.address, webhooks: { retryDelaysMs: [600_000] }, worker: { log } });
});
afterAll(async () => {
  await stage.close();
  await log.close();
  await postgres.close();
  await server.stop();
});

const terminate = (handle: WebhookHandle) =>
  stage.client.workflow.getHandle(handle.workflowId).terminate('by an operator');

/** Waits until the list shows so many terminated runs. */
async function listed(count: number): Promise<void> {
  await waitFor(`${count} terminated`, async () => {
    const { count: found } = await stage.client.workflow.count("ExecutionStatus = 'Terminated'");
    return found === count;
  });
}

async function reconciled(options: { readonly dryRun?: boolean } = {}) {
  const items = await stage.webhooks.reconcile(log, options);
  const lines = items.map(
    ({ outcome, record }) => `${record?.host ?? '-'} ${record?.cycle ?? '-'} ${record?.state ?? '-'} ${outcome}`,
  );
  return lines.toSorted((one, other) => one.localeCompare(other));
}

test('a run terminated in back-off is recorded as terminated with its attempts; what it delivered before stays delivered', async () => {
  const [good, bad] = [await startReceiver(200), await startReceiver(503)];
  const handle = await stage.webhooks.callEnded(
    aFailedCall({
      webhook_url: good.url,
      campaign: { webhook_url: bad.url, secret_ref: 'main' },
      account_id: 'acct_1',
    }),
  );
  if (handle === undefined) throw new Error('nobody subscribed');
  await waitFor('one delivered, one waiting', async () => {
    const { deliveries } = await handle.status();
    const isRecorded = (await log.show(deliveries[0]?.webhookId ?? '')).length === 1;
    return isRecorded && deliveries.map(({ state }) => state).join() === 'delivered,retrying';
  });
  await terminate(handle);
  await listed(1);
  const { deliveries, ...result } = await handle.result();
  expect([result.state, deliveries.map(({ state }) => state)]).toEqual(['terminated', ['delivered', 'terminated']]);
  const [delivered, terminated] = deliveries;
  expect(await log.show(terminated?.webhookId ?? '')).toEqual([]);

  expect(await reconciled({ dryRun: true })).toEqual([
    '127.0.0.1 1 delivered present',
    '127.0.0.1 1 terminated missing',
  ]);
  expect(await log.show(terminated?.webhookId ?? '')).toEqual([]);
  expect(await reconciled()).toEqual(['127.0.0.1 1 delivered present', '127.0.0.1 1 terminated written']);
  expect(await reconciled()).toEqual(['127.0.0.1 1 delivered present', '127.0.0.1 1 terminated present']);

  const [record] = await log.show(terminated?.webhookId ?? '');
  const [firstRecord] = await log.show(delivered?.webhookId ?? '');
  expect(record).toMatchObject({
    workflowId: handle.workflowId,
    event: 'call.failed',
    callId: handle.workflowId.replace('call-webhook/', ''),
    campaignId: 'camp_abc123',
    accountId: 'acct_1',
    cycle: 1,
    state: 'terminated',
    reason: 'terminated',
    attempts: [{ number: 1, outcome: 'http', status: 503 }],
  });
  // Both got the same body, so its size and hash are those that the delivery itself recorded.
  expect([record?.bodyBytes, record?.bodySha256]).toEqual([firstRecord?.bodyBytes, firstRecord?.bodySha256]);
  expect([record?.runId, firstRecord?.state]).toEqual([firstRecord?.runId, 'delivered']);
  await Promise.all([good.close(), bad.close()]);
});

test('the command says that PostgreSQL does not answer, also where nothing was terminated', async () => {
  const env = { TEMPORAL_ADDRESS: server.address, TOPCALLS_DATABASE_URL: 'postgres://u:hush@127.0.0.1:1/x' };
  const { code, stdout, stderr } = await runInProcess(reconcileCommand, ['--until', '2020-01-01T00:00:00Z'], env);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('127.0.0.1:1');
  expect(stderr).not.toContain('hush');
});

test('one ended while it settled has no attempt and no body; a newer run that goes on is left to tell for itself', async () => {
  const receiver = await startReceiver(200);
  const settling = await stage.webhooks.callEnded(aCall({ webhook_url: receiver.url }));
  receiver.answer(503);
  const followed = await stage.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  if (settling === undefined || followed === undefined) throw new Error('nobody subscribed');
  await untilRetrying(followed);
  await terminate(settling);
  await terminate(followed);
  await followed.redeliver();
  await untilRetrying(followed);
  await listed(3);

  const { code, stdout, stderr } = await runInProcess(reconcileCommand, ['--since', '1h'], {
    TEMPORAL_ADDRESS: server.address,
    TOPCALLS_DATABASE_URL: postgres.url,
  });
  expect([code, stderr]).toEqual([0, expect.stringContaining('1 written, 2 present, 1 open')]);
  expect(stdout).toMatch(new RegExp(`^${settling.workflowId}\tmsg_\\S+ cycle 1 terminated\trecorded$`, 'm'));
  expect(stdout).toMatch(new RegExp(`^${followed.workflowId}\t-\tstill open`, 'm'));
  const [record] = await log.show((await settling.result()).deliveries[0]?.webhookId ?? '');
  expect(record).toMatchObject({ state: 'terminated', attempts: [] });
  expect(record).not.toHaveProperty('bodyBytes');

  // Once the newer run has ended, the older run's cycle is recorded as well.
  receiver.answer(200);
  await followed.retryNow();
  const { deliveries } = await followed.result();
  expect(await reconciled()).toContain('127.0.0.1 1 terminated written');
  const cycles = await log.show(deliveries[0]?.webhookId ?? '');
  expect(cycles.map(({ cycle, state }) => [cycle, state])).toEqual([
    [1, 'terminated'],
    [2, 'delivered'],
  ]);
  await receiver.close();
});

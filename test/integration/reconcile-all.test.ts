/** reconcile covers every closed run that the log lacks, and no bad run or record stops the others. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { MemoryDeliveryLog, PostgresDeliveryLog } from '../../adapters/index.ts';
import { reconcileCommand } from '../../cli/commands/reconcile/command.ts';
import { WebhookClient, type Reconciled, type ReconcilableLog, type WebhookHandle } from '../../client/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { runInProcess } from '../support/in-process-cli.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startOwnServer, type OwnServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

// A server of its own: closed runs of other tests must not count.
let server: OwnServer;
let postgres: TestPostgres;
let log: PostgresDeliveryLog;
let stage: Stage;
let receiver: Receiver;

beforeAll(async () => {
  [server, postgres, receiver] = await Promise.all([startOwnServer(), startPostgres(), startReceiver(200)]);
  log = new PostgresDeliveryLog({ connectionString: postgres.url, autoMigrate: true });
  stage = await openStage({ address: server.address, worker: false, webhooks: { retryDelaysMs: [600_000] } });
});
afterAll(async () => {
  await stage.close();
  await Promise.all([log.close(), receiver.close()]);
  await postgres.close();
  await server.stop();
});

async function ended(count: number, url = receiver.url): Promise<WebhookHandle[]> {
  const calls = Array.from({ length: count }, () => stage.webhooks.callEnded(aFailedCall({ webhook_url: url })));
  const handles = (await Promise.all(calls)).filter((handle) => handle !== undefined);
  await Promise.all(handles.map((handle) => handle.result()));
  return handles;
}

async function listed(count: number): Promise<void> {
  await waitFor(`${count} closed runs`, async () => {
    const { count: found } = await stage.client.workflow.count("ExecutionStatus != 'Running'");
    return found === count;
  });
}

const rows = async () => (await log.list({ limit: 1_000 })).records;
const counted = (items: readonly Reconciled[]) => {
  const counts: Record<string, number> = {};
  for (const { outcome } of items) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

test('two workers, one without a log: reconcile finds and writes exactly the missing records', async () => {
  // The first worker keeps no log, and says so.
  const first = await stage.startWorker({ log: 'none' });
  await ended(8);
  const second = await stage.startWorker({ log });
  await ended(16);
  // Some by the second worker alone: the first one is faster where the second needs long to begin.
  await first.stop();
  await ended(8);
  await second.stop();
  await stage.startWorker({ log: 'none' });
  const gone = await startReceiver(410);
  const [refused] = await ended(1, gone.url);
  await listed(33);
  const before = await rows();
  expect(before.length).toBeGreaterThan(0);
  expect(before.length).toBeLessThanOrEqual(24);

  const seen: unknown[] = [];
  const dry = await stage.webhooks.reconcile(log, { dryRun: true, onProgress: (progress) => seen.push(progress) });
  expect(counted(dry)).toEqual({ present: before.length, missing: 33 - before.length });
  expect(seen.at(-1)).toEqual({ runs: 33, of: 33 });
  expect(await rows()).toEqual(before);

  expect(counted(await stage.webhooks.reconcile(log))).toEqual({
    present: before.length,
    written: 33 - before.length,
  });
  const after = await rows();
  expect(after).toHaveLength(33);
  expect(after).toEqual(expect.arrayContaining([...before]));
  // A record that reconcile wrote is what a worker with a log writes.
  const [one] = before;
  const written = after.find(
    ({ webhookId, state }) => state === 'delivered' && before.every((each) => each.webhookId !== webhookId),
  );
  expect(Object.keys(written ?? {}).toSorted()).toEqual(Object.keys(one ?? {}).toSorted());
  expect(written).toMatchObject({ state: 'delivered', attempts: [{ outcome: 'delivered', status: 200 }] });
  const [last] = (await refused?.result())?.deliveries ?? [];
  expect(await log.show(last?.webhookId ?? '')).toMatchObject([{ state: 'gone', reason: 'http_410' }]);
  expect(counted(await stage.webhooks.reconcile(log))).toEqual({ present: 33 });
  await gone.close();
});

/** Starts runs under our workflow type that are not ours, and ends them. */
async function foreignRuns(): Promise<string[]> {
  const { taskQueue } = stage;
  const payload = (encoding: string, data: string) => ({
    metadata: { encoding: Buffer.from(encoding) },
    data: Buffer.from(data),
  });
  const raw = (encoding: string, data: string) =>
    new Client({
      connection: stage.client.connection,
      dataConverter: {
        payloadCodecs: [{ encode: async (all) => all.map(() => payload(encoding, data)), decode: async (all) => all }],
      },
    });
  const start = async (client: Client, memo?: Record<string, unknown>): Promise<string> => {
    const workflowId = `call-webhook/${randomUUID()}`;
    // A worker polls, and a run with such an input fails at once. In its delay it can only be ended.
    const startDelay = '1 hour';
    const options = { workflowId, taskQueue, startDelay, args: ['replaced'], ...(memo && { memo }) } as const;
    const handle = await client.workflow.start('callWebhook', options);
    await handle.terminate('not ours');
    return workflowId;
  };
  return Promise.all([
    start(raw('binary/from-elsewhere', '{}')),
    start(raw('json/plain', '{"canary": nonsense')),
    start(raw('json/plain', '{"call":"a text","endpoints":7}')),
    start(raw('json/plain', '{"call":{"call_id":"c"},"event":"call.failed","endpoints":[1,null]}')),
    start(raw('json/plain', 'null')),
    // Its memo cannot be decoded, which ends a list of the SDK.
    start(raw('binary/from-elsewhere', '{}'), { note: 'x' }),
  ]);
}

test('runs that nobody can read, and a record that the log refuses, cost one line each, and the others are written', async () => {
  const foreign = await foreignRuns();
  const handles = await ended(3);
  await listed(33 + 6 + 3);
  const [bad] = (await handles[0]?.result())?.deliveries ?? [];
  const refusing: ReconcilableLog = {
    show: (webhookId) => log.show(webhookId),
    record: async (record) => {
      if (record.webhookId === bad?.webhookId) throw Object.assign(new Error('no such host'), { refused: true });
      await log.record(record);
    },
  };
  const items = await stage.webhooks.reconcile(refusing);
  expect(counted(items)).toEqual({ present: 33, unreadable: 6, written: 2, failed: 1 });
  const unreadable = items.filter(({ outcome }) => outcome === 'unreadable');
  expect(unreadable.map(({ workflowId }) => workflowId).toSorted()).toEqual(foreign.toSorted());
  expect(unreadable.every(({ problem }) => typeof problem === 'string' && problem.length > 0)).toBe(true);
  expect(items.find(({ outcome }) => outcome === 'failed')).toMatchObject({ problem: 'no such host' });
  // Another encoding may be that of a codec which is missing here. Broken JSON and wrong inputs are nobody's of ours.
  const codes = foreign.map((id) => unreadable.find(({ workflowId }) => workflowId === id)?.code);
  expect(codes).toEqual(['unreadable_run', 'not_ours', 'not_ours', 'not_ours', 'not_ours', 'unreadable_run']);
  expect(JSON.stringify(items)).not.toContain('canary');

  const env = { TEMPORAL_ADDRESS: server.address, TOPCALLS_DATABASE_URL: postgres.url };
  const { code, stdout, stderr } = await runInProcess(reconcileCommand, [], env);
  expect([code, stderr]).toEqual([1, expect.stringContaining('1 written, 35 present, 6 unreadable')]);
  expect(stdout.split('\n')).toHaveLength(7);
});

test('find goes on past runs that nobody can read', async () => {
  const found: string[] = [];
  const skipped: unknown[] = [];
  const filter = { state: 'terminated' } as const;
  for await (const { workflowId } of stage.webhooks.find(filter, { onSkipped: (run) => skipped.push(run) }))
    found.push(workflowId);
  expect([found.length, skipped]).toEqual([6, []]);
});

test('a log that is down ends reconcile with its error, and not with a line for each run', async () => {
  let asked = 0;
  const down: ReconcilableLog = {
    record: () => Promise.reject(new Error('down')),
    show: () => {
      asked += 1;
      return Promise.reject(new Error('down'));
    },
  };
  await expect(stage.webhooks.reconcile(down)).rejects.toThrow('down');
  expect(asked).toBeLessThan(33);
});

test('a log that is down for one run only is one line', async () => {
  const memory = new MemoryDeliveryLog();
  const [first] = await rows();
  const flaky: ReconcilableLog = {
    record: (record) => memory.record(record),
    show: (id) => (id === first?.webhookId ? Promise.reject(new Error('a hiccup')) : memory.show(id)),
  };
  const items = await stage.webhooks.reconcile(flaky);
  expect(counted(items)).toEqual({ written: 35, failed: 1, unreadable: 6 });
  expect(items.find(({ outcome }) => outcome === 'failed')).toMatchObject({
    workflowId: first?.workflowId,
    problem: 'a hiccup',
  });
});

test('a run whose history comes too slowly is one line, and no dead server', async () => {
  const [slow] = await rows();
  const { connection } = stage.client;
  const { workflowService } = connection;
  type Ask = typeof workflowService.getWorkflowExecutionHistory;
  const late = Object.assign(new Error('4 DEADLINE_EXCEEDED'), { code: 4, details: 'too slow', metadata: {} });
  const halting = Object.create(workflowService) as typeof workflowService;
  halting.getWorkflowExecutionHistory = (async (request: Parameters<Ask>[0]) => {
    if (request.execution?.workflowId === slow?.workflowId) throw late;
    return workflowService.getWorkflowExecutionHistory(request);
  }) as Ask;
  const client = Object.create(stage.client, { workflowService: { value: halting } }) as Client;
  const items = await new WebhookClient(client).reconcile(new MemoryDeliveryLog());
  expect(counted(items)).toEqual({ written: 35, failed: 1, unreadable: 6 });
  expect(items.find(({ outcome }) => outcome === 'failed')?.workflowId).toBe(slow?.workflowId);
});

test('runs that are not ours make no failure; they are one line each', async () => {
  const items = await stage.webhooks.reconcile(log, { dryRun: true });
  const undecoded = items.filter(({ code }) => code === 'unreadable_run');
  expect(undecoded).toHaveLength(2);
  for (const { workflowId } of undecoded) {
    const execution = { workflowId };
    await stage.client.workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution: execution });
  }
  await listed(33 + 6 + 3 - undecoded.length);
  const left = await stage.webhooks.reconcile(log, { dryRun: true });
  expect(left.filter(({ code }) => code === 'unreadable_run')).toEqual([]);
  const env = { TEMPORAL_ADDRESS: server.address, TOPCALLS_DATABASE_URL: postgres.url };
  const { code, stderr } = await runInProcess(reconcileCommand, ['--dry-run'], env);
  expect([code, stderr]).toEqual([0, expect.stringContaining('4 unreadable')]);
});

/** A run with thousands of signals can be read, cancelled and reconciled, in few requests. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { MemoryDeliveryLog } from '../../adapters/index.ts';
import { fetchHistory } from '../../client/fetch-history.ts';
import { WebhookClient } from '../../client/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startOwnServer, type OwnServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

const SIGNALS = 2_000;
/** A server puts so many events into a page, and no more. */
const PAGE_EVENTS = 256;

let server: OwnServer;
let stage: Stage;

beforeAll(async () => {
  server = await startOwnServer();
  stage = await openStage({ address: server.address, worker: false });
});
afterAll(async () => {
  await stage.close();
  await server.stop();
});

/** The stage's client, which notes its requests. Without deadlines no busy machine makes a page late, which then would
 *  be read in smaller ones. */
function counting({ hasDeadlines = false } = {}) {
  const asked: string[] = [];
  const service = stage.client.connection.workflowService;
  const workflowService = new Proxy(service, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function' || name === 'rpcCall') return method;
      return (...args: unknown[]): unknown => {
        asked.push(String(name));
        return Reflect.apply(method, target, args) as unknown;
      };
    },
  });
  const withDeadline = { value: (_deadline: number, work: () => Promise<unknown>) => work() };
  const connection = Object.create(stage.client.connection, {
    workflowService: { value: workflowService },
    ...(hasDeadlines ? {} : { withDeadline }),
  }) as never;
  const client = new Client({ connection });
  const webhooks = new WebhookClient(client, { taskQueue: stage.taskQueue });
  const took = async <T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly requests: number }> => {
    asked.length = 0;
    const value = await work();
    return { value, requests: asked.length };
  };
  return { client, webhooks, took };
}

test('status, cancel and reconcile of a run with 2,000 signals take a request for each page, and a few more', async () => {
  const call = aFailedCall({ webhook_url: 'https://crm.example.com/hook' });
  const workflowId = (await stage.webhooks.callEnded(call))?.workflowId ?? '';
  const run = stage.client.workflow.getHandle(workflowId);
  for (let sent = 0; sent < SIGNALS; sent += 100) {
    const some = Array.from({ length: 100 }, (_each, index) => run.signal('retryNow', { attemptsMade: sent + index }));
    await Promise.all(some);
  }
  const { historyLength, historySize = 0 } = await run.describe();
  expect(historyLength).toBeGreaterThan(SIGNALS);
  const most = Math.ceil(historyLength / PAGE_EVENTS) + Math.ceil(historySize / 1_048_576) + 3;

  const { webhooks, took } = counting();
  const handle = webhooks.call(call.call_id);
  const status = await took(() => handle.status());
  expect(status.value).toMatchObject({ state: 'delivering', deliveries: [{ attempts: [] }] });
  expect(status.requests).toBeLessThanOrEqual(most);
  const cancel = await took(() => handle.cancel({ reason: 'too many signals' }));
  expect(cancel.value).toEqual({ accepted: true });
  expect(cancel.requests).toBeLessThanOrEqual(most + 1);

  await run.terminate('enough');
  await waitFor('the list', async () => {
    const { count } = await stage.client.workflow.count("ExecutionStatus = 'Terminated'");
    return count === 1;
  });
  const log = new MemoryDeliveryLog();
  const reconcile = await took(() => webhooks.reconcile(log));
  expect(reconcile.value).toMatchObject([
    { outcome: 'written', record: { state: 'cancelled', cancelReason: 'too many signals' } },
  ]);
  // The list and its end, and whether a newer run goes on.
  expect(reconcile.requests).toBeLessThanOrEqual(most + 4);
  const result = await took(() => handle.result());
  expect(result.value).toMatchObject({
    state: 'cancelled',
    cancelReason: 'too many signals',
    terminateReason: 'enough',
  });
  expect(result.requests).toBeLessThanOrEqual(most + 1);
});

test('five large events among 400 small ones: what gRPC does not take is read in parts, the rest in pages', async () => {
  const { client, took } = counting({ hasDeadlines: true });
  const run = await client.workflow.start('large', { taskQueue: 'nobody', workflowId: 'large' });
  const send = async (count: number, text: string): Promise<void> => {
    for (let sent = 0; sent < count; sent += 1) await run.signal('text', text);
  };
  await send(200, 'small');
  await send(5, 'x'.repeat(1_400_000));
  await send(200, 'small');
  const description = await run.describe();
  const read = await took(() => fetchHistory(client, description));
  expect(read.value.map(({ eventId }) => Number(eventId))).toEqual(
    Array.from({ length: description.historyLength }, (_each, index) => index + 1),
  );
  // A page that is too large, its 16 parts, the tasks of one of them, and the pages after them.
  expect(read.requests).toBeLessThan(60);
});

/** What a run with ten endpoints and 9,500 signals costs, beside one without signals. Rows of bench/speed.ts. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { MemoryDeliveryLog } from '../adapters/index.ts';
import { aFailedCall } from '../test/support/builders.ts';
import { startReceiver } from '../test/support/receiver.ts';
import type { Stage } from '../test/support/stage.ts';
import { waitFor } from '../test/support/wait-for.ts';

/** Below the server's limit of 10,000 signals for one run. */
const SIGNALS = 9_500;
const AT_ONCE = 100;

/** `activation`: the longest workflow task of that run, as a multiple of the longest one of a run without signals.
 *  The others are multiples of the SDK's fetching of the same history. */
type Costs = Readonly<Record<'activation' | 'status' | 'cancel' | 'reconcile', number>>;

/** Starts two such runs, and one without signals. One of the two is cancelled before a worker has seen it. */
export async function manySignals(stage: Stage): Promise<Costs> {
  // A queue without a worker, so that the first workflow task brings all signals.
  const taskQueue = `bench-signals-${randomUUID()}`;
  const webhooks = stage.webhooksWith({ taskQueue });
  const receiver = await startReceiver();
  const start = async (): Promise<string> => {
    const endpoints = Array.from({ length: 9 }, (_each, index) => ({
      webhook_url: `${receiver.url}?endpoint=${index}`,
    }));
    const handle = await webhooks.callEnded(aFailedCall({ webhook_url: receiver.url, endpoints, account_id: 'main' }));
    return handle?.workflowId ?? '';
  };
  const [plain, full, cancelled] = [await start(), await start(), await start()];
  for (const workflowId of [full, cancelled]) await sendSignals(stage.client, workflowId);
  const handleOf = (workflowId: string) => webhooks.call(workflowId.replace('call-webhook/', ''));
  const fetching = await millisOf(() => stage.client.workflow.getHandle(full).fetchHistory());
  const reading = await millisOf(() => handleOf(full).status());
  const cancelling = await millisOf(() => handleOf(cancelled).cancel({ reason: 'enough' }));
  await stage.client.workflow.getHandle(cancelled).terminate('enough');
  await listedAsTerminated(stage.client);
  const log = new MemoryDeliveryLog();
  const reconciling = await millisOf(() => webhooks.reconcile(log));
  if (!(await log.list()).records.some(({ state }) => state === 'cancelled')) throw new Error('it was not reconciled');
  const worker = await stage.startWorker({ taskQueue });
  for (const workflowId of [full, plain]) await stage.client.workflow.getHandle(workflowId).result();
  const [long, short] = [await longestTaskMs(stage.client, full), await longestTaskMs(stage.client, plain)];
  await worker.stop();
  await receiver.close();
  return {
    activation: long / short,
    status: reading / fetching,
    cancel: cancelling / fetching,
    reconcile: reconciling / fetching,
  };
}

async function listedAsTerminated(client: Client): Promise<void> {
  await waitFor('the list', async () => (await client.workflow.count("ExecutionStatus = 'Terminated'")).count === 1);
}

/** Signals of every kind, none of which changes the outcome. */
async function sendSignals(client: Client, workflowId: string): Promise<void> {
  const run = client.workflow.getHandle(workflowId);
  for (let sent = 0; sent < SIGNALS; sent += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_each, index) => {
      const kind = (sent + index) % 3;
      if (kind === 0) return run.signal('retryNow', { endpointId: 'ep_nobody', attemptsMade: 1 });
      if (kind === 1) return run.signal('cancel', { endpointId: 'ep_nobody', reason: 'a reason of some length' });
      return run.signal('attemptFailed', { attempt: 'none', pad: 'x'.repeat(200) });
    });
    await Promise.all(some);
  }
}

/** From the start to the end of a workflow task, by the server's times. */
async function longestTaskMs(client: Client, workflowId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  let startedMs = 0;
  let longestMs = 1;
  for (const event of events ?? []) {
    const atMs = Number(event.eventTime?.seconds ?? 0) * 1_000 + (event.eventTime?.nanos ?? 0) / 1e6;
    if (event.workflowTaskStartedEventAttributes) startedMs = atMs;
    if (event.workflowTaskCompletedEventAttributes) longestMs = Math.max(longestMs, atMs - startedMs);
  }
  return longestMs;
}

async function millisOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

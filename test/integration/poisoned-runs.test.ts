/**
 * Runs that were started wrongly, by hand or by another program (T13). They stand still, visibly, and block nothing
 * else.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { aFailedCall } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  stage = await openStage({ address: devServer().address, worker: false });
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
});

/** Starts a run with this payload as input, byte for byte. Gives its workflow id. */
async function poisoned(encoding: string, data: string): Promise<string> {
  const payload: Payload = { metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) };
  const codec = {
    encode: () => Promise.resolve([payload]),
    decode: (payloads: Payload[]) => Promise.resolve(payloads),
  };
  const { connection } = stage.client;
  const raw = new Client({ connection, dataConverter: { payloadCodecs: [codec] } });
  const { taskQueue } = stage;
  const workflowId = `call-webhook/${randomUUID()}`;
  await raw.workflow.start('callWebhook', { workflowId, taskQueue, args: ['replaced by the codec'] });
  return workflowId;
}

test('a worker starts beside them, names in a warning what it cannot read, and delivers the calls that come after', async () => {
  const unknown = await poisoned('binary/from-elsewhere', '{}');
  const broken = await poisoned('json/plain', '{"canary": nonsense');
  await waitFor('the list', async () => {
    const { count } = await stage.client.workflow.count(`TaskQueue = '${stage.taskQueue}'`);
    return count === 2;
  });

  const { worker } = await stage.startWorker();
  const [warning, ...more] = stage.lines.filter(({ message }) => message === 'worker.open_runs_unreadable');
  expect([warning?.level, more]).toEqual(['warn', []]);
  expect(warning?.['reason']).toMatch(
    /^(Unknown encoding: binary\/from-elsewhere|a payload cannot be decoded \(SyntaxError\))$/,
  );
  expect(new Set(warning?.['workflowIds'] as string[])).toEqual(new Set([broken, unknown]));
  const wrong = await poisoned('json/plain', '{"call":"a string","endpoints":7}');
  const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  expect(await handle?.result()).toMatchObject({ state: 'delivered' });

  for (const workflowId of [unknown, broken, wrong]) {
    const run = stage.client.workflow.getHandle(workflowId);
    await waitFor('the failed task', async () => {
      const { events } = await run.fetchHistory();
      return events?.some((event) => event.workflowTaskFailedEventAttributes != null) === true;
    });
    expect((await run.describe()).status.name).toBe('RUNNING');
  }
  expect(worker.getState()).toBe('RUNNING');
  expect(receiver.requests).toHaveLength(1);
  expect(JSON.stringify(stage.lines)).not.toContain('canary');
});

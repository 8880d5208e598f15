/**
 * Runs that were started wrongly, by hand or by another program (T13). What nobody can decode stands still, visibly.
 * What can be decoded and not worked with ends in words. Neither blocks anything else.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import * as fc from 'fast-check';
import type { Payload } from '@temporalio/common';
import { aFailedCall, aRunInput } from '../support/builders.ts';
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

  await expect(stage.client.workflow.getHandle(wrong).result()).rejects.toMatchObject({
    cause: { type: 'InvalidRun', message: expect.stringContaining('event must be one of a call') },
  });
  for (const workflowId of [unknown, broken]) {
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

test('a run with a thousand endpoints, and thirty with anything in their fields, end in words and hold up no other run', async () => {
  const { worker } = await stage.startWorker();
  const start = async (input: unknown): Promise<string> => {
    const workflowId = `call-webhook/${randomUUID()}`;
    await stage.client.workflow.start('callWebhook', { workflowId, taskQueue: stage.taskQueue, args: [input] });
    return workflowId;
  };
  const [endpoint] = aRunInput().endpoints;
  const thousand = Array.from({ length: 1_000 }, (_each, index) => ({ ...endpoint, endpointId: `ep_${index}` }));
  const odd = fc.sample(oddInput, { seed: 7, numRuns: 30 });
  const ids = await Promise.all([{ ...aRunInput(), endpoints: thousand }, ...odd].map(start));
  const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  expect(await handle?.result()).toMatchObject({ state: 'delivered' });
  const failures = await Promise.all(
    ids.map((id) =>
      stage.client.workflow
        .getHandle(id)
        .result()
        .catch(({ cause }: { cause?: { type?: string; message?: string } }) => cause),
    ),
  );
  expect(failures.map((failure) => (failure as { type?: string }).type)).toEqual(ids.map(() => 'InvalidRun'));
  // Each says what is wrong, and where a report belongs.
  for (const failure of failures) expect(failure).toMatchObject({ message: expect.stringContaining('reportCall') });
  expect(worker.getState()).toBe('RUNNING');
});

/** A run's input with one field that no client of ours sends, or whole inputs of the same kind. */
const oddInput = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom('event', 'call', 'endpoints', 'policy', 'expects', 'redelivery', 'accountId'),
        fc.oneof(fc.integer(), fc.constant(null), fc.array(fc.string(), { minLength: 1 })),
      )
      .map(([field, value]) => ({ ...aRunInput(), [field]: value })),
  },
  { weight: 1, arbitrary: fc.constantFrom(undefined, null, 'text', [], 7, aFailedCall(), aRedeliveryOfNothing()) },
);

/** An earlier outcome without a host: the details could not show it, and the workflow's task would fail for ever. */
function aRedeliveryOfNothing(): object {
  const [endpoint] = aRunInput().endpoints;
  const alreadyEnded = [{ endpoint, outcome: { endpointId: 'ep_1', state: 'gone', attempts: [null] } }];
  return { ...aRunInput(), redelivery: { cycle: 2, alreadyEnded } };
}

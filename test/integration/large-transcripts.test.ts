/**
 * Transcripts that Temporal could not carry, on a live server. Quotes are the worst case: each takes two bytes in the
 * body and four in Temporal's payload of it. If it does not fit, the transcript is dropped, never the delivery.
 */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { WebhookHandle } from '../../client/index.ts';
import { aCall, readyArtifacts } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

const MIB = 1_048_576;

let stage: Stage;
let worker: Awaited<ReturnType<Stage['startWorker']>>;

beforeAll(async () => {
  const webhooks = { settleDelayMs: 0, retryDelaysMs: [30_000] };
  stage = await openStage({ address: devServer().address, webhooks, worker: false });
  worker = await stage.startWorker();
});
afterAll(() => stage.close());

/** A transcript of lines of 1 KiB each that hold nothing but `character`. */
function transcriptOf(bytes: number, character: string) {
  return Array.from({ length: bytes / 1_024 }, (_, index) => ({
    id: index + 1,
    user: 'user',
    text: character.repeat(1_024),
    created_at: '2025-12-22T10:30:05Z',
  }));
}

async function start(receiver: Receiver, copies: number, bytes: number, character = '"'): Promise<WebhookHandle> {
  const urls = Array.from({ length: copies }, (_, index) => ({
    webhook_url: `${receiver.url}/${index}`,
    secret_ref: 'main',
  }));
  const [own, ...others] = urls;
  const call = aCall({ ...own, endpoints: others });
  const transcript = { status: 'ready', value: transcriptOf(bytes, character) } as const;
  stage.artifacts.put(call.call_id, { ...readyArtifacts(), transcript });
  const handle = await stage.webhooks.callEnded(call);
  if (handle === undefined) throw new Error('nobody subscribed');
  return handle;
}

test.each([
  // The largest that fit, then the sizes that a long call may reach.
  [0.25, 1, 'ready'],
  [0.5, 1, 'too_large'],
  [1, 1, 'too_large'],
  [2, 1, 'too_large'],
  [5, 1, 'too_large'],
  [0.0625, 10, 'ready'],
  // It fits for one endpoint. Ten copies go through one workflow task, and would end the run as Terminated.
  [0.25, 10, 'too_large'],
  [0.5, 10, 'too_large'],
  [1, 10, 'too_large'],
  [2, 10, 'too_large'],
  [5, 10, 'too_large'],
] as const)(
  '%p MiB of quotes to %i endpoints: every one is delivered, the transcript is %s',
  async (mib, copies, told) => {
    const receiver = await startReceiver();
    try {
      const handle = await start(receiver, copies, mib * MIB);
      const result = await handle.result();
      expect(result.state).toBe('delivered');
      expect(result.artifacts).toEqual({ recording: 'ready', transcript: told, summary: 'ready' });
      const { status } = await stage.client.workflow.getHandle(handle.workflowId).describe();
      expect(status.name).toBe('COMPLETED');

      expect(new Set(receiver.requests.map(({ path }) => path)).size).toBe(copies);
      expect(receiver.requests).toHaveLength(copies);
      const [body = '', ...different] = new Set(receiver.requests.map((request) => request.body));
      expect(different).toEqual([]);
      const { transcript, artifacts } = JSON.parse(body) as { transcript: object[]; artifacts: { transcript: string } };
      expect(artifacts.transcript).toBe(told);
      // Not toEqual: its diff of megabytes would take longer than the test.
      expect(JSON.stringify(transcript) === JSON.stringify(told === 'ready' ? transcriptOf(mib * MIB, '"') : [])).toBe(
        true,
      );
    } finally {
      await receiver.close();
    }
  },
);

test('a run with 4.3 MiB of history outlives its worker: another one takes it over, it can be read and redelivered', async () => {
  const receiver = await startReceiver(503, 503, 200);
  const handle = await start(receiver, 2, 1.375 * MIB, 'x');
  await waitFor('both waits', async () =>
    (await handle.status()).deliveries.every(({ nextAttemptAt }) => nextAttemptAt !== undefined),
  );
  const { historySize } = await stage.client.workflow.getHandle(handle.workflowId).describe();
  // The most that one gRPC message carries.
  expect(historySize).toBeGreaterThan(4 * MIB);
  // The events up to the bodies come one by one, the rest at once. With a page for every event it would be 11, and
  // more with each attempt.
  // A page that a busy server sends after 2 s counts as too large: so the first of five tries that is fast enough.
  let pages = Infinity;
  for (let tries = 0; tries < 5 && pages >= 9; tries += 1) pages = await pagesOf(() => handle.status());
  expect(pages).toBeLessThan(9);
  await worker.stop();
  worker = await stage.startWorker();
  await handle.retryNow();
  expect(await handle.result()).toMatchObject({ state: 'delivered', artifacts: { transcript: 'ready' } });
  await handle.redeliver({ force: true });
  expect((await handle.result()).deliveries).toMatchObject([
    { state: 'delivered', attempts: [{ trigger: 'redelivery' }] },
    { state: 'delivered', attempts: [{ trigger: 'redelivery' }] },
  ]);
  expect(receiver.requests).toHaveLength(6);
  expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
  await receiver.close();
});

/** Pages of history that `work` asks for. */
async function pagesOf(work: () => Promise<unknown>): Promise<number> {
  const { workflowService } = stage.client;
  const asked = jest.spyOn(workflowService, 'getWorkflowExecutionHistory');
  await work();
  const pages = asked.mock.calls.length;
  asked.mockRestore();
  return pages;
}

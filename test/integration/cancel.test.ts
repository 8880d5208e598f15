/**
 * Cancel in every phase, by signal and by the server's own cancel. State and close status are the same, and no POST
 * follows. Each run has a receiver of its own, and they wait side by side. A frozen worker freezes this process, so that
 * test runs alone.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { ArtifactSource } from '../../activities/index.ts';
import type { WebhookHandle } from '../../client/index.ts';
import { aCall, aFailedCall, readyArtifacts, SECRET } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { cancelHeard, eventsOf, stepsOf } from '../support/run-history.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;

beforeAll(async () => {
  const webhooks = { settleDelayMs: 1_000, retryDelaysMs: [600_000] };
  stage = await openStage({ address: devServer().address, webhooks });
});
afterAll(() => stage.close());

const ways = {
  signal: async (handle: WebhookHandle) => {
    expect(await handle.cancel({ reason: 'the customer asked' })).toEqual({ accepted: true });
  },
  native: async (handle: WebhookHandle) => {
    await stage.client.workflow.getHandle(handle.workflowId).cancel();
  },
} as const;

type Cell = {
  readonly phase: string;
  /** Brings a run into the phase. `answer` lets a held request go. */
  readonly reach: (receiver: Receiver) => Promise<{ handle: WebhookHandle; answer?: () => void }>;
  readonly state: 'delivered' | 'cancelled';
  readonly attempts: readonly (readonly [number, string, number?])[];
};

const cells: readonly Cell[] = [
  {
    phase: 'settle wait',
    reach: async (receiver) => ({ handle: await start(receiver, { settleDelayMs: 600_000 }) }),
    state: 'cancelled',
    attempts: [],
  },
  {
    phase: 'fetch',
    reach: async (receiver) => {
      const handle = await start(receiver, {}, false);
      await waitFor('the fetch', async () => (await handle.status()).state === 'fetching');
      return { handle };
    },
    state: 'cancelled',
    attempts: [],
  },
  {
    phase: 'POST in flight that answers 200',
    reach: inFlight(200),
    state: 'delivered',
    attempts: [[1, 'delivered', 200]],
  },
  { phase: 'POST in flight that answers 500', reach: inFlight(500), state: 'cancelled', attempts: [[1, 'http', 500]] },
  {
    phase: 'wait between attempts',
    reach: async (receiver) => {
      receiver.answer(502);
      const handle = await start(receiver);
      await waitFor('the back-off', async () => (await handle.status()).state === 'retrying');
      return { handle };
    },
    state: 'cancelled',
    attempts: [[1, 'http', 502]],
  },
];

for (const cell of cells) {
  for (const way of ['signal', 'native'] as const) {
    test.concurrent(`cancel by ${way} in the ${cell.phase}: ${cell.state}`, async () => {
      const receiver = await startReceiver();
      try {
        const { handle, answer } = await cell.reach(receiver);
        await ways[way](handle);
        if (answer !== undefined) {
          await waitFor('the cancel to be heard', () => cancelHeard(stage.client, handle.workflowId));
          answer();
        }
        const result = await handle.result();
        expect(result.state).toBe(cell.state);
        expect(
          result.deliveries[0]?.attempts.map((each) => [
            each.number,
            each.outcome,
            ...(each.status === undefined ? [] : [each.status]),
          ]),
        ).toEqual(cell.attempts);
        const { status } = await stage.client.workflow.getHandle(handle.workflowId).describe();
        expect(status.name).toBe(cell.state === 'delivered' ? 'COMPLETED' : 'CANCELLED');
        if (way === 'signal') expect(result.cancelReason).toBe('the customer asked');
        const records = stage.log.records().filter(({ workflowId }) => workflowId === handle.workflowId);
        expect(records.map(({ state }) => state)).toEqual([cell.state]);
        // No POST comes after the end, and a later cancel answers with the final state.
        expect(receiver.requests).toHaveLength(cell.attempts.length);
        expect(await handle.cancel()).toEqual({ accepted: false, state: cell.state });
        expect((await handle.status()).state).toBe(cell.state);
      } finally {
        await receiver.close();
      }
    });
  }
}

test.concurrent('a cancel while the first poll meets a silent source ends the run, and the source never has to answer', async () => {
  const receiver = await startReceiver();
  const signals: AbortSignal[] = [];
  const artifacts: ArtifactSource = {
    fetch: ({ signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    },
  };
  const own = await openStage({ address: devServer().address, webhooks: { settleDelayMs: 0 }, worker: { artifacts } });
  const handle = await own.webhooks.callEnded(aCall({ webhook_url: receiver.url }));
  await waitFor('the first poll', () => signals.length === 1);
  expect(await handle?.cancel()).toEqual({ accepted: true });
  expect(await handle?.result()).toMatchObject({ state: 'cancelled', deliveries: [{ attempts: [] }] });
  // The first poll was given up. At most one more had begun, and the run did not wait for it: the task that stops it
  // goes on to the end.
  expect(signals[0]?.aborted).toBe(true);
  expect(signals.length).toBeLessThanOrEqual(2);
  const events = await eventsOf(own.client, String(handle?.workflowId));
  const stopped = events.findIndex((event) => event.activityTaskCancelRequestedEventAttributes);
  const after = stepsOf(events.slice(stopped, stopped + 3));
  if (stopped > 0) expect(after).toContain('recordDelivery');
  expect(receiver.requests).toHaveLength(0);
  await own.close();
  await receiver.close();
});

test('a cancel that is accepted while a frozen worker holds the attempt: nothing is sent, and no attempt counts', async () => {
  const receiver = await startReceiver();
  let frozen: () => Promise<void> = async () => {};
  const secrets = {
    forEndpoint: async () => {
      await frozen();
      return { current: SECRET, previous: [] };
    },
  };
  const own = await openStage({ address: devServer().address, worker: { secrets } });
  // As SIGSTOP does it: nothing of this process moves for longer than an attempt may be late without asking.
  frozen = async () => {
    await handle?.cancel();
    await waitFor('the cancel to be heard', () => cancelHeard(own.client, String(handle?.workflowId)));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_500);
  };
  const handle = await own.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  expect(await handle?.result()).toMatchObject({ state: 'cancelled', deliveries: [{ attempts: [] }] });
  expect(receiver.requests).toHaveLength(0);
  await own.close();
  await receiver.close();
});

test.concurrent('a cancel before any worker has seen the run sends nothing and closes it as Canceled', async () => {
  const receiver = await startReceiver();
  const idle = await openStage({ address: devServer().address, worker: false });
  try {
    const handle = await idle.webhooks.callEnded(aCall({ webhook_url: receiver.url }));
    await handle?.cancel();
    await idle.startWorker();
    expect(await handle?.result()).toMatchObject({
      state: 'cancelled',
      deliveries: [{ state: 'cancelled', attempts: [] }],
    });
    expect(receiver.requests).toHaveLength(0);
  } finally {
    await idle.close();
    await receiver.close();
  }
});

test.concurrent('cancelling one endpoint leaves the others, and its run closes as Canceled when they have delivered', async () => {
  const [dead, well] = [await startReceiver(503), await startReceiver()];
  try {
    const call = aCall({ status: 'failed', webhook_url: dead.url, campaign: { webhook_url: well.url } });
    const handle = await stage.webhooks.callEnded(call);
    const waiting = await waitFor('the back-off', async () =>
      (await handle?.status())?.deliveries.find(({ state }) => state === 'retrying'),
    );
    await handle?.cancel({ endpointId: waiting.endpointId });
    const result = await handle?.result();
    expect(result?.deliveries.map(({ state }) => state)).toEqual(['cancelled', 'delivered']);
    expect(result?.state).toBe('cancelled');
    expect([dead.requests.length, well.requests.length]).toEqual([1, 1]);
  } finally {
    await dead.close();
    await well.close();
  }
});

async function start(receiver: Receiver, options = {}, ready = true): Promise<WebhookHandle> {
  const call = aCall({ webhook_url: receiver.url });
  if (ready) stage.artifacts.put(call.call_id, readyArtifacts());
  const handle = await stage.webhooksWith(options).callEnded(call);
  if (handle === undefined) throw new Error('nobody subscribed');
  return handle;
}

function inFlight(status: number): Cell['reach'] {
  return async (receiver) => {
    const held = new Promise<ServerResponse>((resolve) => receiver.answer(resolve));
    const handle = await start(receiver);
    const response = await held;
    return { handle, answer: () => response.writeHead(status).end() };
  };
}

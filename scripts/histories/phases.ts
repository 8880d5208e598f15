/**
 * What brings a run into each phase whose history is recorded. A phase that is added here is recorded by
 * `npm run record-histories -- --only <name>`, and its name joins the list in test/replay/replay.test.ts.
 */
import type { ServerResponse } from 'node:http';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { WebhookHandle } from '../../client/index.ts';
import { startReceiver } from '../../test/support/receiver.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { LOOPBACK_EGRESS, webhookWorkerParts } from '../../worker/index.ts';
import { SECRETS } from './recorder.ts';
import type { Recorder } from './recorder.ts';

/** Brings a run into its phase and resolves with its handle; its history is saved then. */
export type Phase = (recorder: Recorder) => Promise<WebhookHandle>;

/** One rung so long that a run rests in it. */
const LONG = { retryDelaysMs: [60_000] };
/** A settle delay in which a run rests. */
const SETTLING = { settleDelayMs: 60_000 };
const DELAYED = { ...SETTLING, settle: 'startDelay' } as const;
/** No artifact is ready, so the run polls for them. */
const FETCHING = { ready: false, settleDelayMs: 0 };

/** Name of the file → the phase. */
export const PHASES: Readonly<Record<string, Phase>> = {
  'delivered-at-once': async ({ start, url, ended }) => ended(await start('completed', [await url(200)])),
  'failed-call-delivered': async ({ start, url, ended }) => ended(await start('failed', [await url(200)])),
  'delivered-at-third-attempt': async ({ start, url, ended }) =>
    ended(await start('failed', [await url(503, 500, 200)])),
  'failed-after-the-ladder': async ({ start, url, ended }) => ended(await start('failed', [await url(500)])),
  gone: async ({ start, url, ended }) => ended(await start('failed', [await url(410)])),
  refused: async ({ start, ended }) => ended(await start('failed', ['http://10.0.0.1/hook'])),
  'three-endpoints-mixed': async ({ start, url, ended }) =>
    ended(await start('completed', [await url(200), await url(500), await url(410)])),
  settling: async ({ start, url, inTimer }) => inTimer(await start('completed', [await url(200)], SETTLING)),
  'cancelled-while-start-delayed': async ({ start, url, cancelled }) =>
    cancelled(await start('completed', [await url(200)], DELAYED), 'settling'),
  'delivered-after-a-start-delay': async ({ start, url, ended }) =>
    ended(await start('completed', [await url(200)], { settle: 'startDelay' })),
  fetching: async ({ start, url, polling }) => polling(await start('completed', [await url(200)], FETCHING)),
  'attempt-in-flight': async (recorder) => (await startHeld(recorder)).handle,
  'waiting-in-the-ladder': async ({ start, url, reached }) =>
    reached(await start('failed', [await url(503)], LONG), 'retrying'),
  'cancelled-while-settling': async ({ start, url, inTimer, cancelled }) =>
    cancelled(await inTimer(await start('completed', [await url(200)], SETTLING)), 'settling'),
  'cancelled-while-fetching': async ({ start, url, polling, cancelled }) =>
    cancelled(await polling(await start('completed', [await url(200)], FETCHING)), 'fetching'),
  'cancelled-in-the-ladder': async ({ start, url, cancelled }) =>
    cancelled(await start('failed', [await url(503)], LONG), 'retrying'),
  'cancelled-by-the-server': async ({ stage, start, url, reached, ended }) => {
    const handle = await reached(await start('failed', [await url(503)], LONG), 'retrying');
    await stage.client.workflow.getHandle(handle.workflowId).cancel();
    return ended(handle);
  },
  'cancelled-in-flight-yet-delivered': async (recorder) => {
    const { handle, answer } = await startHeld(recorder);
    await handle.cancel({ reason: 'too late' });
    answer(200);
    return recorder.ended(handle);
  },
  'hurried-in-the-ladder': async ({ start, url, reached, ended }) => {
    const handle = await reached(await start('failed', [await url(503, 200)], LONG), 'retrying');
    await handle.retryNow();
    return ended(handle);
  },
  'hurried-too-late': hurriedTooLate,
  'waiting-for-us': startSealed,
  'cancelled-while-waiting-for-us': async (recorder) =>
    recorder.cancelled(await startSealed(recorder), 'waiting_for_us'),
  'hurried-while-waiting-for-us': async (recorder) => {
    const handle = await startSealed(recorder);
    recorder.seal(false);
    await handle.retryNow();
    return recorder.ended(handle);
  },
  'delivered-after-waiting-for-us': async (recorder) => {
    const handle = await startSealed(recorder);
    recorder.seal(false);
    return recorder.ended(handle);
  },
  'waiting-for-activities': waitingForActivities,
  redelivered: async ({ start, url, ended }) => {
    const handle = await ended(await start('failed', [await url(200), await url(410, 503, 200)]));
    await handle.redeliver();
    return ended(handle);
  },
  'told-of-a-failing-and-a-failed-delivery': async ({ stage, start, url, ended }) => {
    const taskQueue = `${stage.taskQueue}-told`;
    const worker = await stage.startWorker({ taskQueue, deliveryEvents: { notify: () => {} } });
    const urls = [await url(503, 200), await url(410), await url(500)];
    const handle = await ended(await start('failed', urls, { taskQueue }));
    await worker.stop();
    return handle;
  },
  'campaign-completed': async ({ startCampaign, url, ended }) => ended(await startCampaign(await url(503, 200))),
};

/** A run whose first attempt is in flight: its receiver holds the request until `answer`. */
async function startHeld({ start }: Recorder): Promise<{ handle: WebhookHandle; answer: (status: number) => void }> {
  const held: ServerResponse[] = [];
  const receiver = await startReceiver((response) => void held.push(response));
  const handle = await start('failed', [receiver.url]);
  await receiver.received(1);
  return { handle, answer: (status) => held.forEach((response) => response.writeHead(status).end()) };
}

/** A run whose first attempt could not be sent, because the store of secrets is down. */
async function startSealed({ start, url, seal, held }: Recorder): Promise<WebhookHandle> {
  seal(true);
  return held(await start('failed', [await url(503, 200)]));
}

/**
 * The POSTs go on while no worker decides about the run. It takes the signal up when the next attempt has failed. The
 * second rung is long, so that a worker which takes its time to start is back before the rung is over.
 */
async function hurriedTooLate({ stage, start, url, reached, decided, ended }: Recorder): Promise<WebhookHandle> {
  const taskQueue = `${stage.taskQueue}-late`;
  const connection = await NativeConnection.connect({ address: stage.server.address });
  const ports = { artifacts: stage.artifacts, secrets: SECRETS, egress: LOOPBACK_EGRESS, logger: SILENT };
  const { activities } = webhookWorkerParts(ports);
  const poster = await Worker.create({ connection, taskQueue, activities, identity: 'worker' });
  const posting = poster.run();
  const decide = () => stage.startWorker({ taskQueue, temporal: { enableNonLocalActivities: false } });

  const first = await decide();
  const options = { taskQueue, retryDelaysMs: [2_000, 20_000] };
  const handle = await reached(await start('failed', [await url(503, 503, 200)], options), 'retrying');
  await decided(handle, 'attemptFailed');
  await first.stop();
  await handle.retryNow();
  await waitFor('the second attempt', async () => (await handle.status()).deliveries[0]?.attempts.length === 2);
  const second = await decide();
  await ended(handle);
  await second.stop();
  poster.shutdown();
  await posting;
  await connection.close();
  return handle;
}

/** A run whose attempt met a worker that lacks the activities. */
async function waitingForActivities({ stage, start, url, held }: Recorder): Promise<WebhookHandle> {
  const taskQueue = `${stage.taskQueue}-bare`;
  const connection = await NativeConnection.connect({ address: stage.server.address });
  const activities = { placeCall: async () => 'another job' };
  const bare = await Worker.create({ connection, taskQueue, activities, identity: 'worker' });
  const running = bare.run();
  const decider = await stage.startWorker({ taskQueue, temporal: { enableNonLocalActivities: false } });
  const handle = await held(await start('failed', [await url(200)], { taskQueue }));
  await decider.stop();
  bare.shutdown();
  await running;
  await connection.close();
  return handle;
}

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

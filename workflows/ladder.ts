/**
 * One endpoint's ladder: at once, then 1 min, 5 min, 15 min, 1 h after the attempt before. The activity's retry
 * policy waits the rungs. This loop turns only where a retryNow stopped the activity, or where our own side could not
 * send. Why: docs/decisions/0014 and 0017.
 */
import { ActivityFailure, isCancellation, sleep } from '@temporalio/workflow';
import type { Delivery } from '../contract/delivery.ts';
import { given } from '../contract/given.ts';
import { waitForUsProxy } from './activity-proxies.ts';
import { attemptUntilEnd } from './attempt-end.ts';
import { isRecorded, record } from './record.ts';
import type { WebhookRun } from './run.ts';

/** Makes attempts until one delivers, the ladder is spent, the endpoint is gone or refused, or a cancel comes.
 *  Afterwards `delivery` says how it ended, and that is recorded. `body` is undefined when every delivery was cancelled
 *  before the body was frozen; each of them has ended then. */
export async function climbLadder(run: WebhookRun, delivery: Delivery, body: string | undefined): Promise<void> {
  // What is not needed is not called: the SDK walks the stack for every promise of a workflow.
  while (!delivery.hasEnded) {
    // Without a body, every delivery has ended.
    if (body === undefined) break;
    await attemptUntilEnd(run, delivery, body);
    if (delivery.life.is === 'waiting') await waitOut(run, delivery);
    if (delivery.life.is === 'held') await waitForUs(run, delivery);
  }
  run.show();
  if (!isRecorded(delivery)) await record(run, delivery);
}

/** Sleeps until the next attempt is due. That is needed only when a retryNow arrived while an attempt was in flight:
 *  the activity that would have waited was cancelled. A cancel or another retryNow ends the sleep. */
async function waitOut(run: WebhookRun, delivery: Delivery): Promise<void> {
  const { life, endpoint } = delivery;
  if (life.is !== 'waiting') return;
  await untilInterrupted(run, delivery, async () => {
    const leftMs = Math.max(1, life.untilMs - Date.now());
    await sleep(leftMs, { summary: `next attempt at ${endpoint.host}` });
    delivery.waited(Date.now());
  });
}

/** Waits until our side can send the attempt that was not sent. The waiting is an activity that Temporal retries, so it
 *  writes no events however long it takes. A cancel or a retryNow ends it. */
async function waitForUs(run: WebhookRun, delivery: Delivery): Promise<void> {
  const { life, endpoint, waitForUsMs: waitMs } = delivery;
  if (life.is !== 'held') return;
  const { endpointId, host, secretRef } = endpoint;
  const { code } = life;
  await untilInterrupted(run, delivery, async () => {
    const input = { subject: run.subject, endpoint: { endpointId, host, ...given({ secretRef }) }, code, waitMs };
    await waitForUsProxy(input)(input).catch(async (error: unknown) => {
      // A worker that lacks the activity.
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
      await sleep(waitMs, { summary: `wait until our side can send to ${host}` });
    });
    delivery.released();
    run.show();
  });
}

async function untilInterrupted(run: WebhookRun, delivery: Delivery, wait: () => Promise<void>): Promise<void> {
  run.show();
  try {
    await run.interrupts.begin(delivery).run(wait);
  } catch (error) {
    if (!isCancellation(error)) throw error;
  } finally {
    run.interrupts.end(delivery);
  }
}

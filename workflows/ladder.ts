/**
 * One endpoint's ladder: at once, then 1 min, 5 min, 15 min, 1 h after the attempt before. The activity's retry
 * policy waits the rungs. This loop turns only where a retryNow stopped the activity. Why: docs/decisions/0014.
 */
import { isCancellation, sleep } from '@temporalio/workflow';
import type { Delivery } from '../contract/delivery.ts';
import { attemptUntilEnd } from './attempt-end.ts';
import type { WebhookRun } from './run.ts';

/** Makes attempts until one delivers, the ladder is spent, the endpoint is gone or refused, or a cancel comes.
 *  Afterwards `delivery` says how it ended. `body` is undefined when every delivery was cancelled before the body was
 *  frozen; each of them has ended then. */
export async function climbLadder(run: WebhookRun, delivery: Delivery, body: string | undefined): Promise<void> {
  if (body === undefined) return;
  while (!delivery.hasEnded) {
    await attemptUntilEnd(run, delivery, body);
    await waitOut(run, delivery);
  }
}

/** Sleeps until the next attempt is due. That is needed only when a retryNow arrived while an attempt was in flight:
 *  the activity that would have waited was cancelled. A cancel or another retryNow ends the sleep. */
async function waitOut(run: WebhookRun, delivery: Delivery): Promise<void> {
  const { life, endpoint } = delivery;
  if (life.is !== 'waiting') return;
  run.show();
  try {
    const leftMs = Math.max(1, life.untilMs - Date.now());
    await run.interrupts.run(delivery, () => sleep(leftMs, { summary: `next attempt at ${endpoint.host}` }));
    delivery.waited(Date.now());
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
}

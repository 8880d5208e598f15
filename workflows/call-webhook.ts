/**
 * One ended call: settle, fetch its artifacts, freeze the body, deliver to every endpoint, record, close. The client starts it,
 * a worker runs it. Deterministic: time and I/O come from Temporal alone.
 */
import { CancellationScope } from '@temporalio/workflow';
import type { WebhookResult } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { renderCallBody } from '../contract/render-body.ts';
import type { CallWebhookInput } from '../contract/run-messages.ts';
import { closeRun } from './close-run.ts';
import { fetchArtifacts } from './fetch-artifacts.ts';
import { climbLadder } from './ladder.ts';
import { record } from './record.ts';
import { WebhookRun } from './run.ts';
import { settle } from './settle.ts';

/** Delivers `call.completed` or `call.failed`. Completes with the outcome; fails as `DeliveryFailed` where an endpoint
 *  did not take it; closes as Canceled after a cancel. */
export async function callWebhook(input: CallWebhookInput): Promise<WebhookResult> {
  const { call, event, endpoints } = input;
  const run = new WebhookRun(input, { callId: call.call_id, ...given({ campaignId: call.campaign_id ?? undefined }) });
  // Shielded: a cancel of either kind goes through `run`, and never reaches an attempt in flight or the record.
  return CancellationScope.nonCancellable(async () => {
    const body = await run.unlessCancelled(async () => {
      await settle(run, input);
      return renderCallBody(call, event, await fetchArtifacts(input), endpoints.length);
    });
    await run.forEachDelivery(async (delivery) => {
      await climbLadder(run, delivery, body);
      await record(run, delivery);
    });
    return closeRun(run);
  });
}

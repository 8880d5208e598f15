/**
 * The webhook of one ended call: settle, fetch its artifacts, freeze the body, deliver to every endpoint, record,
 * close. The client starts it, and a worker runs it. It must be deterministic: time and I/O come only from Temporal.
 */
import type { WebhookResult } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { copiesOf, renderCallBody } from '../contract/render-body.ts';
import type { CallWebhookInput } from '../contract/run-messages.ts';
import { closeRun } from './close-run.ts';
import { fetchArtifacts } from './fetch-artifacts.ts';
import { checkInput } from './invalid-run.ts';
import { climbLadder } from './ladder.ts';
import { WebhookRun } from './run.ts';
import { settleTimer } from './settle.ts';

/** Delivers `call.completed` or `call.failed`. Returns the outcome when every endpoint took the webhook. Fails with
 *  type `DeliveryFailed` when any delivery failed, was refused or is gone; the outcome is then in the failure's
 *  details. Else closes as Canceled when any delivery was cancelled. */
export async function callWebhook(input: CallWebhookInput): Promise<WebhookResult> {
  checkInput('call', input);
  const { call, event, endpoints } = input;
  const run = new WebhookRun(input, { callId: call.call_id, ...given({ campaignId: call.campaign_id ?? undefined }) });
  const body = await run.unlessCancelled(async () => {
    const timer = settleTimer(input);
    if (timer !== undefined) await timer;
    run.life.settled();
    return renderCallBody(call, event, await fetchArtifacts(run, input), copiesOf(endpoints));
  });
  await run.forEachDelivery((delivery) => climbLadder(run, delivery, body));
  return closeRun(run);
}

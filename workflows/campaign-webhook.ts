/**
 * The webhook of one campaign event: settle, freeze the body, deliver to every endpoint, record, close. It works as
 * for a call, but fetches no artifacts. Only `campaign.completed` settles, so that the last call's webhook normally
 * comes first.
 */
import type { WebhookResult } from '../contract/delivery-state.ts';
import { renderCampaignBody } from '../contract/render-body.ts';
import type { CampaignWebhookInput } from '../contract/run-messages.ts';
import { closeRun } from './close-run.ts';
import { checkInput } from './invalid-run.ts';
import { climbLadder } from './ladder.ts';
import { WebhookRun } from './run.ts';
import { settleTimer } from './settle.ts';

/** Delivers a `campaign.*` event or `webhook.test`. It returns, fails and closes as `callWebhook` does. */
export async function campaignWebhook(input: CampaignWebhookInput): Promise<WebhookResult> {
  checkInput('campaign', input);
  const run = new WebhookRun(input, { campaignId: input.campaign.campaign_id });
  const body = await run.unlessCancelled(async () => {
    await settleTimer(input);
    run.life.settled();
    return renderCampaignBody(input.campaign, input.event);
  });
  await run.forEachDelivery((delivery) => climbLadder(run, delivery, body));
  return closeRun(run);
}

/**
 * One campaign event: the same delivery and record as a call's, without artifacts. Only campaign.completed settles first,
 * so that the last call's report normally comes before it.
 */
import { CancellationScope } from '@temporalio/workflow';
import type { WebhookResult } from '../contract/delivery-state.ts';
import { renderCampaignBody } from '../contract/render-body.ts';
import type { CampaignWebhookInput } from '../contract/run-messages.ts';
import { closeRun } from './close-run.ts';
import { deliverToEndpoint } from './deliver-to-endpoint.ts';
import { settle } from './settle.ts';
import { WebhookRun } from './run.ts';

/** Delivers a `campaign.*` event or `webhook.test`. Closes as `callWebhook` does. */
export async function campaignWebhook(input: CampaignWebhookInput): Promise<WebhookResult> {
  const run = new WebhookRun(input, { campaignId: input.campaign.campaign_id });
  return CancellationScope.nonCancellable(async () => {
    const body = await run.prepare(async () => {
      await settle(input);
      return renderCampaignBody(input.campaign, input.event);
    });
    await Promise.all(run.tracks.map((track) => deliverToEndpoint(run, track, body)));
    return closeRun(run);
  });
}

/**
 * One ended call: settle, fetch its artifacts, freeze the body, deliver to every endpoint, record. The client starts it,
 * a worker runs it; deterministic, so time and I/O come from Temporal alone.
 */
import { CancellationScope } from '@temporalio/workflow';
import { NO_ARTIFACTS, type CollectedArtifacts } from '../contract/collected-artifacts.ts';
import type { WebhookResult } from '../contract/delivery-state.ts';
import { renderCallBody } from '../contract/render-body.ts';
import type { CallWebhookInput } from '../contract/run-messages.ts';
import { fetchArtifactsProxy } from './activity-proxies.ts';
import { closeRun } from './close-run.ts';
import { deliverToEndpoint } from './deliver-to-endpoint.ts';
import { settle } from './settle.ts';
import { WebhookRun } from './run.ts';

/** Delivers `call.completed` or `call.failed`. Completes with the outcome; fails as `DeliveryFailed` where an endpoint
 *  did not take it; closes as Canceled after a cancel. */
export async function callWebhook(input: CallWebhookInput): Promise<WebhookResult> {
  const run = new WebhookRun(input, { callId: input.call.call_id, ...campaignIdOf(input) });
  // Shielded: cancels of either kind reach the run's tracks, never an attempt in flight or the record.
  return CancellationScope.nonCancellable(async () => {
    const body = await run.prepare(async () => {
      await settle(input);
      run.enter('fetching');
      const artifacts = await collectArtifacts(input);
      return renderCallBody(input.call, input.event, artifacts, input.endpoints.length);
    });
    await Promise.all(run.tracks.map((track) => deliverToEndpoint(run, track, body)));
    return closeRun(run);
  });
}

/** Only what the call should have; a call that should have nothing costs no activity. */
async function collectArtifacts({ call, event, expects, policy }: CallWebhookInput): Promise<CollectedArtifacts> {
  const expected = event === 'call.completed' && Object.values(expects).includes(true);
  if (!expected) return NO_ARTIFACTS;
  return fetchArtifactsProxy()({ callId: call.call_id, expects, deadlineMs: policy.artifactDeadlineMs });
}

function campaignIdOf({ call }: CallWebhookInput) {
  return call.campaign_id === null ? {} : { campaignId: call.campaign_id };
}

/** Recording, transcript and summary of a completed call, as the artifact source has them. */
import { isCancellation, TemporalFailure } from '@temporalio/workflow';
import { NO_ARTIFACTS, type CollectedArtifacts } from '../contract/collected-artifacts.ts';
import { expectsArtifacts } from '../contract/run-life.ts';
import type { CallWebhookInput, FetchInput } from '../contract/run-messages.ts';
import { fetchArtifactsProxy, firstPollProxy } from './activity-proxies.ts';

/** Only what the call should have. A call that should have nothing costs no activity. The first poll is a local activity; where it
 *  finds them not ready, slow, failed or large, a regular activity polls until the deadline. */
export async function fetchArtifacts(input: CallWebhookInput): Promise<CollectedArtifacts> {
  if (!expectsArtifacts(input)) return NO_ARTIFACTS;
  const { call, expects, policy } = input;
  const request = { callId: call.call_id, expects, deadlineMs: policy.artifactDeadlineMs };
  return (await firstPoll(request)) ?? fetchArtifactsProxy()(request);
}

/** Undefined where the artifacts are not all there. A local activity fails with the cause itself, not with an ActivityFailure. */
async function firstPoll(request: FetchInput): Promise<CollectedArtifacts | undefined> {
  try {
    return await firstPollProxy()(request);
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    return undefined;
  }
}

/** Gets recording, transcript and summary of a completed call from the host's artifact source. */
import { isCancellation, TemporalFailure } from '@temporalio/workflow';
import { NO_ARTIFACTS, type CollectedArtifacts } from '../contract/collected-artifacts.ts';
import { expectsArtifacts } from '../contract/run-life.ts';
import type { CallWebhookInput } from '../contract/run-messages.ts';
import { fetchArtifactsProxy, firstPollProxy } from './activity-proxies.ts';
import type { WebhookRun } from './run.ts';

/** Fetches the artifacts that the call `expects`. A call that expects none costs no activity. The first poll is a
 *  local activity. If an artifact is not ready, or the poll is slow, fails or finds too much data, a regular activity
 *  polls until the deadline. */
export function fetchArtifacts(
  run: WebhookRun,
  input: CallWebhookInput,
): Promise<CollectedArtifacts> | CollectedArtifacts {
  if (!expectsArtifacts(input)) return NO_ARTIFACTS;
  const { call, expects, policy } = input;
  const request = { callId: call.call_id, expects, deadlineMs: policy.artifactDeadlineMs };
  return firstPollProxy()(request).catch(async (error: unknown) => {
    // A failed local activity throws the cause itself, not an ActivityFailure around it.
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    // Not shown before: nobody can read the details while a workflow task with a local activity is under way.
    run.show();
    return fetchArtifactsProxy()(request);
  });
}

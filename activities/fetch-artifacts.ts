/**
 * Polls the artifact source once. "Not ready yet" is a failure that Temporal retries, so the retries are the polling.
 * Waiting then writes no events, and the Web UI shows it as a pending activity.
 */
import { Context } from '@temporalio/activity';
import { ARTIFACT_NAMES } from '../contract/artifact-names.ts';
import type { CollectedArtifact, CollectedArtifacts } from '../contract/collected-artifacts.ts';
import { ARTIFACT_FETCH_TIMEOUT_MS, ARTIFACT_POLL_MS, MIN_ARTIFACT_POLL_MS } from '../contract/limits.ts';
import { judgeArtifacts, type JudgedArtifacts } from '../contract/schemas/artifacts.ts';
import type { Expects } from '../contract/schemas/call-ended.ts';
import type { FetchInput } from '../contract/run-messages.ts';
import type { ActivityLog } from './activity-log.ts';
import { artifactsPending } from './delivery-failure.ts';
import type { ArtifactSource } from './ports/artifact-source.ts';
import { errorName, within } from './within.ts';

/** Makes the activity `fetchArtifacts`. It fetches first and judges the deadline afterwards. Before the deadline a
 *  missing artifact makes it fail as `ArtifactsPending`; after it, missing ones are returned as `timed_out`. */
export function makeFetchArtifacts(source: ArtifactSource, say: ActivityLog) {
  return async function fetchArtifacts({ callId, expects, deadlineMs }: FetchInput): Promise<CollectedArtifacts> {
    const artifacts = await poll(source, callId, expects, say);
    const missing = ARTIFACT_NAMES.filter((name) => artifacts[name] === undefined);
    // Both times are the server's, for a worker's clock may be minutes off.
    const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
    const leftMs = deadlineMs - (currentAttemptScheduledTimestampMs - scheduledTimestampMs);
    if (missing.length > 0 && leftMs > 0) {
      throw artifactsPending(missing, Math.max(MIN_ARTIFACT_POLL_MS, Math.min(ARTIFACT_POLL_MS, leftMs)), leftMs);
    }
    if (missing.length > 0) say.warn('webhook.artifacts_timed_out', { callId, missing });
    return {
      recording: artifacts.recording ?? TIMED_OUT,
      transcript: artifacts.transcript ?? TIMED_OUT,
      summary: artifacts.summary ?? TIMED_OUT,
    };
  };
}

const TIMED_OUT: CollectedArtifact<never> = { status: 'timed_out' };
const ALL_PENDING = {
  recording: { status: 'pending' },
  transcript: { status: 'pending' },
  summary: { status: 'pending' },
};

async function poll(
  source: ArtifactSource,
  callId: string,
  expects: Expects,
  say: ActivityLog,
): Promise<JudgedArtifacts> {
  try {
    const answer = await within('the artifact source', ARTIFACT_FETCH_TIMEOUT_MS, (signal) =>
      source.fetch({ callId, expects, signal }),
    );
    return judgeArtifacts(answer, expects);
  } catch (error) {
    say.warn('webhook.artifacts_not_fetched', { callId, error: errorName(error) });
    return judgeArtifacts(ALL_PENDING, expects);
  }
}

/**
 * Polls the artifact source once. "Not ready yet" is a failure that Temporal retries, so the retries are the polling.
 * Waiting then writes no events, and the Web UI shows it as a pending activity.
 */
import { Context } from '@temporalio/activity';
import { ARTIFACT_NAMES } from '../contract/delivery-state.ts';
import type { CollectedArtifact, CollectedArtifacts } from '../contract/collected-artifacts.ts';
import {
  ARTIFACT_FETCH_TIMEOUT_MS,
  ARTIFACT_POLL_MS,
  FIRST_POLL_MAX_BYTES,
  MIN_ARTIFACT_POLL_MS,
} from '../contract/limits.ts';
import { FIRST_POLL_TIMEOUT_MS } from '../contract/run-limits.ts';
import { judgeArtifacts, type JudgedArtifacts } from '../contract/schemas/artifacts.ts';
import type { FetchInput } from '../contract/run-messages.ts';
import type { ActivityLog } from './activity-log.ts';
import { artifactsPending, firstPollInVain } from './delivery-failure.ts';
import type { ArtifactSource } from './ports/artifact-source.ts';
import { errorFacts } from './port-error.ts';
import { within } from './within.ts';

/** Makes the activity `fetchArtifacts`. It fetches first and judges the deadline afterwards. Before the deadline a
 *  missing artifact makes it fail as `ArtifactsPending`; after it, missing ones are returned as `timed_out`.
 *  As a local activity it is the first poll: one try with shorter limits, which judges no deadline. */
export function makeFetchArtifacts(source: ArtifactSource, say: ActivityLog) {
  return async function fetchArtifacts({ callId, expects, deadlineMs }: FetchInput): Promise<CollectedArtifacts> {
    const { isLocal, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
    const timeoutMs = isLocal ? FIRST_POLL_TIMEOUT_MS : ARTIFACT_FETCH_TIMEOUT_MS;
    const artifacts = await poll(source, { callId, expects }, timeoutMs, say);
    const missing = ARTIFACT_NAMES.filter((name) => artifacts[name] === undefined);
    // Both times are the server's, for a worker's clock may be minutes off.
    const leftMs = deadlineMs - (currentAttemptScheduledTimestampMs - scheduledTimestampMs);
    if (isLocal && (missing.length > 0 || isLarge(artifacts))) throw firstPollInVain(missing);
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

/** What a local activity returns goes to the server with the bodies made of it, in one message that holds 4 MiB. */
function isLarge(artifacts: JudgedArtifacts): boolean {
  return Buffer.byteLength(JSON.stringify(artifacts)) > FIRST_POLL_MAX_BYTES;
}

const TIMED_OUT: CollectedArtifact<never> = { status: 'timed_out' };
const ALL_PENDING = {
  recording: { status: 'pending' },
  transcript: { status: 'pending' },
  summary: { status: 'pending' },
};

async function poll(
  source: ArtifactSource,
  { callId, expects }: Pick<FetchInput, 'callId' | 'expects'>,
  timeoutMs: number,
  say: ActivityLog,
): Promise<JudgedArtifacts> {
  try {
    const answer = await within('the artifact source', timeoutMs, (signal) =>
      source.fetch({ callId, expects, signal }),
    );
    return judgeArtifacts(answer, expects);
  } catch (error) {
    say.warn('webhook.artifacts_not_fetched', { callId, ...errorFacts(error) });
    return judgeArtifacts(ALL_PENDING, expects);
  }
}

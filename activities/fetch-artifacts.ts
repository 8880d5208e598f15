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
import { judgeArtifacts, type JudgedAnswer, type JudgedArtifacts } from '../contract/schemas/artifacts.ts';
import type { FetchInput } from '../contract/run-messages.ts';
import type { ActivityLog } from './activity-log.ts';
import { ArtifactLines } from './artifact-lines.ts';
import { artifactsPending, firstPollInVain } from './delivery-failure.ts';
import type { WebhookMetrics } from './metrics/webhook-metrics.ts';
import type { ArtifactSource } from './ports/artifact-source.ts';
import { errorFacts, errorName } from './port-error.ts';
import { within } from './within.ts';

/** Makes the activity `fetchArtifacts`. It fetches first and judges the deadline afterwards. Before the deadline an
 *  artifact that is missing or cannot be read makes it fail as `ArtifactsPending`. After it, such artifacts are
 *  returned as `timed_out` or `unreadable`. As a local activity it is the first poll: one try with shorter limits,
 *  which judges no deadline. */
export function makeFetchArtifacts(source: ArtifactSource, say: ActivityLog, metrics: WebhookMetrics) {
  const lines = new ArtifactLines(say);
  return async function fetchArtifacts({ callId, expects, deadlineMs }: FetchInput): Promise<CollectedArtifacts> {
    const { isLocal, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
    const startedMs = performance.now();
    const timeoutMs = isLocal ? FIRST_POLL_TIMEOUT_MS : ARTIFACT_FETCH_TIMEOUT_MS;
    const answer = await poll(source, { callId, expects }, timeoutMs, say);
    const { artifacts, unreadable } = answer;
    const missing = ARTIFACT_NAMES.filter((name) => artifacts[name] === undefined);
    const kinds = new Map(unreadable.map(({ artifact, kind }) => [artifact, kind]));
    const names = missing.map((name) => (kinds.has(name) ? `${name} (unreadable: ${kinds.get(name)})` : name));
    const why = answer.failed === undefined ? '' : `: the source failed (${answer.failed})`;
    const inWords = names.length === 0 ? undefined : `${names.join(', ')} not ready yet${why}`;
    // Both times are the server's, for a worker's clock may be minutes off.
    const leftMs = deadlineMs - (currentAttemptScheduledTimestampMs - scheduledTimestampMs);
    if (isLocal && (inWords !== undefined || isLarge(artifacts))) throw firstPollInVain(inWords);
    lines.tellUnreadable(callId, unreadable);
    if (inWords !== undefined && leftMs > 0) {
      throw artifactsPending(inWords, Math.max(MIN_ARTIFACT_POLL_MS, Math.min(ARTIFACT_POLL_MS, leftMs)), leftMs);
    }
    lines.tellEnd(callId, answer);
    const end = (name: keyof CollectedArtifacts): CollectedArtifact<never> => ({
      status: kinds.has(name) ? 'unreadable' : 'timed_out',
    });
    const collected = {
      recording: artifacts.recording ?? end('recording'),
      transcript: artifacts.transcript ?? end('transcript'),
      summary: artifacts.summary ?? end('summary'),
    };
    const waitedMs = isLocal ? 0 : currentAttemptScheduledTimestampMs - scheduledTimestampMs;
    metrics.artifacts(collected, waitedMs + performance.now() - startedMs);
    return collected;
  };
}

/** What a local activity returns goes to the server with the bodies made of it, in one message that holds 4 MiB. */
function isLarge(artifacts: JudgedArtifacts): boolean {
  return Buffer.byteLength(JSON.stringify(artifacts)) > FIRST_POLL_MAX_BYTES;
}

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
): Promise<JudgedAnswer & { readonly failed?: string }> {
  try {
    const answer = await within('the artifact source', timeoutMs, ({ signal }) =>
      source.fetch({ callId, expects, signal }),
    );
    return judgeArtifacts(answer, expects);
  } catch (error) {
    say.warn('webhook.artifacts_not_fetched', { callId, ...errorFacts(error) });
    return { ...judgeArtifacts(ALL_PENDING, expects), failed: errorName(error) };
  }
}

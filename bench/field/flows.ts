/**
 * The Temporal workflows that ours is measured beside. `emptyFlow` does nothing. `naiveFlow` is a first reading of the
 * job. `tunedFlow` has the shape of ours, and nothing that ours adds: no cancel, no retryNow, no ledger, no words.
 */
import { proxyActivities, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type { ReferenceActivities } from './reference-activities.ts';
import type { Job } from './job.ts';

export async function emptyFlow(_job: Job): Promise<void> {}

/** Attempt after 1 min, 4 min, 16 min, 1 h: the nearest that a retry policy can say. */
const LADDER = {
  initialInterval: '1 minute',
  backoffCoefficient: 4,
  maximumInterval: '1 hour',
  maximumAttempts: 5,
} as const;

const { fetchRecording, fetchTranscript, fetchSummary, signAndSend, recordOutcome } =
  proxyActivities<ReferenceActivities>({ startToCloseTimeout: '30 seconds', retry: LADDER });

/** Sleep, three fetches, sign and POST, record. */
export async function naiveFlow(job: Job): Promise<void> {
  await sleep(job.settleMs);
  const [recording, transcript, summary] = await Promise.all([
    fetchRecording(job.call.call_id),
    fetchTranscript(job.call.call_id),
    fetchSummary(job.call.call_id),
  ]);
  const status = await signAndSend(job, { recording, transcript, summary });
  await recordOutcome(job.call.call_id, status);
}

const { fetchAll } = proxyLocalActivities<ReferenceActivities>({
  startToCloseTimeout: '3 seconds',
  retry: { maximumAttempts: 1 },
});
const { deliverAndRecord } = proxyActivities<ReferenceActivities>({
  startToCloseTimeout: '30 seconds',
  retry: LADDER,
});

/** Sleep, one local fetch, one activity that delivers and records. The workflow freezes the body. */
export async function tunedFlow(job: Job): Promise<void> {
  await sleep(job.settleMs);
  const { recording, transcript, summary } = await fetchAll(job.call.call_id);
  const { call } = job;
  await deliverAndRecord(job, JSON.stringify({ ...call, transcript, recording_url: recording, call_summary: summary }));
}

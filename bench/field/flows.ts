/**
 * The Temporal workflows that ours is measured beside. `emptyFlow` does nothing. `naiveFlow` is a first reading of the
 * job. `tunedFlow` has the shape of ours, and nothing that ours adds: no cancel, no retryNow, no ledger, no words.
 * `featuredFlow` has those, in the fewest lines.
 */
import {
  CancellationScope,
  defineQuery,
  defineSignal,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  sleep,
} from '@temporalio/workflow';
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
const { deliverAndRecord, deliverAloneAndRecord } = proxyActivities<ReferenceActivities>({
  startToCloseTimeout: '30 seconds',
  retry: LADDER,
});

/** Sleep, one local fetch, one activity that delivers and records. The workflow freezes the body. */
export async function tunedFlow(job: Job): Promise<void> {
  await sleep(job.settleMs);
  await deliverAndRecord(job, await frozenBody(job));
}

async function frozenBody({ call }: Job): Promise<string> {
  const { recording, transcript, summary } = await fetchAll(call.call_id);
  return JSON.stringify({ ...call, transcript, recording_url: recording, call_summary: summary });
}

const cancelSignal = defineSignal('cancel');
const retryNowSignal = defineSignal('retryNow');
const statusQuery = defineQuery<string>('status');

/** As `tunedFlow`, with a cancel and a retryNow by signal, a status, and words for the Web UI. Its activity opens a
 *  connection for each POST, judges the address, and counts. */
export async function featuredFlow(job: Job): Promise<void> {
  let state = '';
  let isCancelled = false;
  let scope = new CancellationScope();
  const show = (now: string): void => {
    state = now;
    setCurrentDetails(`**call.completed**: ${now}`);
  };
  setHandler(cancelSignal, () => {
    isCancelled = true;
    scope.cancel();
  });
  setHandler(retryNowSignal, () => scope.cancel());
  setHandler(statusQuery, () => state);
  show('settling');
  const body = await scope.run(async () => {
    if (job.settleMs > 0) await sleep(job.settleMs, { summary: 'recording, transcript and summary are being made' });
    show('fetching');
    return frozenBody(job);
  });
  show('delivering');
  for (;;) {
    try {
      await scope.run(() => deliverAloneAndRecord(job, body));
      break;
    } catch (error) {
      if (isCancelled || !isCancellation(error)) throw error;
      scope = new CancellationScope();
    }
  }
  show('delivered');
}

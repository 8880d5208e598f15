/** Activities of the Temporal workflows that ours is measured beside, on the same ports that ours has. */
import { Context } from '@temporalio/activity';
import type { Ports } from './ports.ts';
import { bodyOf, signAndPost, signAndPostAlone, type Artifacts, type Job } from './job.ts';

export type ReferenceActivities = ReturnType<typeof referenceActivities>;

export function referenceActivities({ fetchArtifacts, secretOf, record }: Ports) {
  const post = async (job: Job, body: string): Promise<number> =>
    signAndPost(job, body, await secretOf(job.secretRef), Context.current().info.attempt);
  return {
    fetchRecording: async (callId: string) => (await fetchArtifacts(callId)).recording,
    fetchTranscript: async (callId: string) => (await fetchArtifacts(callId)).transcript,
    fetchSummary: async (callId: string) => (await fetchArtifacts(callId)).summary,
    signAndSend: (job: Job, artifacts: Artifacts): Promise<number> => post(job, bodyOf(job, artifacts)),
    recordOutcome: (callId: string, status: number): Promise<void> => record(callId, status),
    fetchAll: (callId: string): Promise<Artifacts> => fetchArtifacts(callId),
    deliverAndRecord: async (job: Job, body: string): Promise<void> => record(job.call.call_id, await post(job, body)),
    deliverAloneAndRecord: async (job: Job, body: string): Promise<void> => {
      const { info, metricMeter } = Context.current();
      const status = await signAndPostAlone(job, body, await secretOf(job.secretRef), info.attempt);
      metricMeter.createCounter('field_attempts').add(1, { outcome: 'delivered' });
      await record(job.call.call_id, status);
    },
  };
}

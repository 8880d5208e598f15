/** The DBOS worker of the bench: one durable workflow per call, and a step for each thing that it does. */
import { answerParent, usageOf } from './child.ts';
import { bodyOf, LADDER_MS, signAndPost, type Job } from './job.ts';
import { loadDbos } from './packages.ts';
import { referencePorts } from './ports.ts';

const { DATABASE_URL: systemDatabaseUrl = '', TASK_QUEUE: queue = '' } = process.env;
/** Ten times as often as its default. */
const POLL_MS = 100;
const CONCURRENCY = 5_000;

let recorded = 0;
const { fetchArtifacts, secretOf, record } = referencePorts(() => {
  recorded += 1;
});

const { DBOS } = loadDbos();

async function deliverCall(job: Job): Promise<void> {
  await DBOS.sleep(job.settleMs);
  const body = await DBOS.runStep(async () => bodyOf(job, await fetchArtifacts(job.call.call_id)), { name: 'freeze' });
  for (let attempt = 1; ; attempt += 1) {
    try {
      await DBOS.runStep(
        async () => record(job.call.call_id, await signAndPost(job, body, await secretOf(job.secretRef), attempt)),
        { name: 'deliver' },
      );
      return;
    } catch (error) {
      const waitMs = LADDER_MS[attempt - 1];
      if (waitMs === undefined) throw error;
      await DBOS.sleep(waitMs);
    }
  }
}

async function main(): Promise<void> {
  DBOS.setConfig({ name: 'field', systemDatabaseUrl, logLevel: 'error', applicationVersion: 'bench' });
  DBOS.registerWorkflow(deliverCall, { name: 'deliverCall' });
  await DBOS.launch();
  await DBOS.registerQueue(queue, { workerConcurrency: CONCURRENCY, minPollingIntervalMs: POLL_MS });
  answerParent({ usage: usageOf(() => recorded) }, () => process.exit(0));
}

void main();

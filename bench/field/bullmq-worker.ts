/** The BullMQ worker of the bench: one job per call, delayed by the settle time, with the ladder as its own backoff. */
import { answerParent, usageOf } from './child.ts';
import { bodyOf, LADDER_MS, signAndPost, type Job } from './job.ts';
import { loadBullMq, type BullJob } from './packages.ts';
import { referencePorts } from './ports.ts';

const { REDIS_PORT: port = '', TASK_QUEUE: queue = '' } = process.env;
/** As many POSTs at a time as a worker of ours makes. */
const CONCURRENCY = 500;

let recorded = 0;
const { fetchArtifacts, secretOf, record } = referencePorts(() => {
  recorded += 1;
});

/** The body is kept with the job, so that each attempt sends the same bytes. */
async function deliver(job: BullJob<Job & { readonly body?: string }>): Promise<void> {
  const { data } = job;
  const body = data.body ?? bodyOf(data, await fetchArtifacts(data.call.call_id));
  if (data.body === undefined) await job.updateData({ ...data, body });
  const status = await signAndPost(data, body, await secretOf(data.secretRef), job.attemptsMade + 1);
  await record(data.call.call_id, status);
}

const { Worker } = loadBullMq();
const worker = new Worker(queue, deliver, {
  connection: { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null },
  concurrency: CONCURRENCY,
  settings: { backoffStrategy: (attemptsMade) => LADDER_MS[attemptsMade - 1] ?? -1 },
});
worker.on('error', (error) => void process.stderr.write(`bullmq: ${error.message}\n`));

async function main(): Promise<void> {
  await worker.waitUntilReady();
  // A POST to a receiver that hangs must not hold the bench.
  answerParent({ usage: usageOf(() => recorded) }, () => process.exit(0));
}

void main();

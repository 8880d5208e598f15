/**
 * Who takes part: ours, three Temporal workflows, and what a developer would take instead. Each has a worker in a
 * process of its own, and a way to report a call to it.
 */
import { join } from 'node:path';
import type { WorkflowStartOptions } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import type * as OurClient from '../../client/index.ts';
import type { WebhookClientOptions } from '../../client/index.ts';
import { SEARCH_KEYS } from '../../client/start-options.ts';
import type { CallEnded } from '../../contract/index.ts';
import { startChild, type Child } from './child.ts';
import { LADDER_MS, type Job } from './job.ts';
import { loadBullMq, loadDbos } from './packages.ts';
import type { Servers, State } from './servers.ts';

export type Contestant = {
  readonly name: string;
  /** Where it keeps its state. */
  readonly state: State;
  /** Whether it makes a POST. */
  readonly posts: boolean;
  /** The workflow id of a call, if it is a workflow of Temporal. */
  readonly workflowId?: (callId: string) => string;
  /** Starts its worker on a queue of that name. */
  startWorker(queue: string): Promise<Child>;
  /** What the engine does when a call has ended, on that queue. */
  engine(queue: string): Promise<Engine>;
};

export type Engine = {
  report(job: Job): Promise<unknown>;
  close(): Promise<void>;
};

/** Names that the verdicts need. */
export const NAIVE = 'naive workflow';
export const TUNED = 'hand-tuned workflow';
export const FEATURED = 'hand-tuned, our features';
export const FEATURED_DELAYED = 'hand-tuned, our features, startDelay';
export const OURS = 'ours';
export const OURS_DELAYED = 'ours, startDelay';

/** All, in the order in which they take turns. `dist` is what `npm run build` made; `beside` is another build of ours,
 *  for who changes it. */
export function contestants(servers: Servers, dist: string, beside: string | undefined): readonly Contestant[] {
  return [
    flow('empty workflow', 'empty', servers, dist),
    flow(NAIVE, 'naive', servers, dist),
    flow(TUNED, 'tuned', servers, dist),
    flow(FEATURED, 'featured', servers, dist, featuresOf),
    flow(FEATURED_DELAYED, 'featured', servers, dist, delayedFeaturesOf),
    ours(OURS, servers, dist),
    ours(OURS_DELAYED, servers, dist, { settle: 'startDelay' }),
    ...(beside === undefined ? [] : [ours('ours, the other build', servers, beside)]),
    bullmq(servers),
    dbos(servers),
  ];
}

const nothingToClose = async (): Promise<void> => undefined;

/** What the Web UI and the list show of a call from its start. */
function featuresOf({ call }: Job) {
  const found = {
    event: 'call.completed',
    state: 'started',
    endpoints: ['ep_bench'],
    campaignId: String(call['campaign_id']),
  } as const;
  return {
    typedSearchAttributes: Object.entries(found).map(
      ([name, value]) => ({ key: SEARCH_KEYS[name as keyof typeof found], value }) as SearchAttributePair,
    ),
    staticSummary: 'call.completed → 127.0.0.1',
    staticDetails: 'One signed POST of **call.completed** to 127.0.0.1, until one is answered with 2xx.',
  };
}

function delayedFeaturesOf(job: Job) {
  return { ...featuresOf(job), args: [{ ...job, settleMs: 0 }], startDelay: job.settleMs };
}

type FlowKind = 'empty' | 'naive' | 'tuned' | 'featured';

function flow(
  name: string,
  kind: FlowKind,
  servers: Servers,
  dist: string,
  more: (job: Job) => Partial<WorkflowStartOptions> = () => ({}),
): Contestant {
  const { address, client, bundle } = servers.temporal;
  const workflowId = (callId: string): string => `${kind}/${callId}`;
  return {
    name,
    state: 'temporal',
    posts: kind !== 'empty',
    workflowId,
    startWorker: (queue) =>
      startChild('temporal-worker.ts', {
        FLOW: kind,
        DIST: dist,
        BUNDLE: bundle,
        TEMPORAL_ADDRESS: address,
        TASK_QUEUE: queue,
      }),
    engine: async (taskQueue) => ({
      report: (job) =>
        client.workflow.start(`${kind}Flow`, {
          taskQueue,
          workflowId: workflowId(job.call.call_id),
          args: [job],
          ...more(job),
        }),
      close: nothingToClose,
    }),
  };
}

function ours(name: string, servers: Servers, dist: string, more: WebhookClientOptions = {}): Contestant {
  const { address, client } = servers.temporal;
  return {
    name,
    state: 'temporal',
    posts: true,
    workflowId: (callId) => `call-webhook/${callId}`,
    startWorker: (queue) =>
      startChild('temporal-worker.ts', { FLOW: 'ours', DIST: dist, TEMPORAL_ADDRESS: address, TASK_QUEUE: queue }),
    engine: async (taskQueue) => {
      const { WebhookClient } = (await import(join(dist, 'client/index.js'))) as typeof OurClient;
      const options = { taskQueue, retryDelaysMs: [...LADDER_MS], startTimeoutMs: 60_000, ...more };
      const bySettle = new Map<number, OurClient.WebhookClient>();
      return {
        report: async ({ call, url, secretRef, settleMs }) => {
          const webhooks = bySettle.get(settleMs) ?? new WebhookClient(client, { ...options, settleDelayMs: settleMs });
          bySettle.set(settleMs, webhooks);
          return webhooks.callEnded({ ...call, webhook_url: url, secret_ref: secretRef } as CallEnded);
        },
        close: nothingToClose,
      };
    },
  };
}

function bullmq({ redisPort }: Servers): Contestant {
  return {
    name: 'BullMQ',
    state: 'redis',
    posts: true,
    startWorker: (queue) => startChild('bullmq-worker.ts', { REDIS_PORT: String(redisPort), TASK_QUEUE: queue }),
    engine: async (name) => {
      const { Queue } = loadBullMq();
      const queue = new Queue(name, { connection: { host: '127.0.0.1', port: redisPort } });
      return {
        report: (job) =>
          queue.add('call.completed', job, {
            // It takes no id with a colon, and makes one run of each id as ours does.
            jobId: job.call.call_id,
            delay: job.settleMs,
            attempts: LADDER_MS.length + 1,
            backoff: { type: 'custom' },
          }),
        close: () => queue.close(),
      };
    },
  };
}

function dbos({ databaseUrl }: Servers): Contestant {
  return {
    name: 'DBOS',
    state: 'postgres',
    posts: true,
    startWorker: (queue) => startChild('dbos-worker.ts', { DATABASE_URL: databaseUrl, TASK_QUEUE: queue }),
    engine: async (queueName) => {
      const client = await loadDbos().DBOSClient.create({ systemDatabaseUrl: databaseUrl });
      return {
        report: (job) => client.enqueue({ workflowName: 'deliverCall', queueName, workflowID: job.call.call_id }, job),
        close: () => client.destroy(),
      };
    },
  };
}

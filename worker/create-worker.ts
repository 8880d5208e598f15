/** Makes a worker that hosts webhook deliveries, from measured defaults and the host's ports. It changes nothing
 *  global. */
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { ActivityPorts } from '../activities/index.ts';
import { SHUTDOWN_GRACE_MS } from '../contract/limits.ts';
import { DEFAULT_TASK_QUEUE } from '../contract/names.ts';
import { checkOpenRuns } from './check-open-runs.ts';
import { sayNoLog } from './say-at-start.ts';
import { webhookWorkerParts } from './worker-parts.ts';
import { workflowCode } from './workflow-code.ts';

/** Options of `createWebhookWorker`: the ports, and where to poll. */
export type WebhookWorkerOptions = ActivityPorts & {
  /** The connection to Temporal. The caller closes it after `run()` has resolved. */
  readonly connection: NativeConnection;
  /** The Temporal namespace. Default `default`. */
  readonly namespace?: string;
  /** The task queue to poll. Default `topcalls-webhooks`. The client must use the same. */
  readonly taskQueue?: string;
  /** Refuse to start if the newest open runs of the task queue are encrypted and this worker's data converter can read
   *  none of them. Default true. Set false after keys were lost, when no worker can read the open runs any more. */
  readonly checkOpenRuns?: boolean;
  /** Further options of the SDK's `Worker.create`, such as `dataConverter` or slots. They override
   *  `WORKER_DEFAULTS`. */
  readonly temporal?: Partial<Omit<WorkerOptions, (typeof OWN_OPTIONS)[number]>>;
};

/** Options of the SDK that belong beside `temporal`, not in it, because the check of open runs needs them. */
const OWN_OPTIONS = ['connection', 'namespace', 'taskQueue'] as const;

/** Measured options for a worker. For your own worker: `Worker.create({ ...WORKER_DEFAULTS, … })`. A waiting delivery
 *  holds no slot, so 500 slots are 500 POSTs in flight; a receiver that never answers holds one for 15 s. Workflows
 *  and activities share one queue, because eager dispatch saves a seventh of the CPU. The sticky time-out is 2 s:
 *  after a crash a workflow waits that long, instead of 10 s. */
export const WORKER_DEFAULTS = {
  maxConcurrentWorkflowTaskExecutions: 200,
  // Each holds a workflow task's slot, so more would wait for one.
  maxConcurrentLocalActivityExecutions: 200,
  maxConcurrentActivityTaskExecutions: 500,
  workflowTaskPollerBehavior: { type: 'autoscaling' },
  activityTaskPollerBehavior: { type: 'autoscaling' },
  stickyQueueScheduleToStartTimeout: '2 seconds',
  shutdownGraceTime: SHUTDOWN_GRACE_MS,
} as const satisfies Partial<WorkerOptions>;

/** Makes a worker. `await worker.run()` polls until `worker.shutdown()`, which lets attempts in flight finish. It
 *  warns if there is no log, also if `log: 'none'` says so.
 *  Rejects with `TypeError` for a wrong port or option, with `EgressConfigError`, and with `UnreadableOpenRunsError`
 *  if the key for waiting runs is missing. Errors of `Worker.create`, such as a missing namespace, come as they
 *  are. */
export async function createWebhookWorker(options: WebhookWorkerOptions): Promise<Worker> {
  refuseUnknownOptions(options);
  const { connection, namespace = 'default', taskQueue = DEFAULT_TASK_QUEUE, temporal = {}, ...rest } = options;
  const { checkOpenRuns: doCheck = true, ...ports } = rest;
  const { workflowsPath, activities } = webhookWorkerParts(ports);
  if (ports.log === undefined) sayNoLog(ports);
  const { dataConverter, plugins = [] } = temporal;
  // Skipped with plugins: a plugin may set a data converter that this check does not know.
  const warning =
    doCheck && plugins.length === 0
      ? await checkOpenRuns({ connection, namespace, taskQueue, dataConverter })
      : undefined;
  if (warning !== undefined) {
    const { event, ...facts } = warning;
    ports.logger?.warn(facts, event);
  }
  return Worker.create({
    ...WORKER_DEFAULTS,
    connection,
    namespace,
    taskQueue,
    ...temporal,
    ...(temporal.workflowBundle === undefined && temporal.workflowsPath === undefined
      ? workflowCode(workflowsPath, temporal)
      : {}),
    activities: { ...temporal.activities, ...activities },
  });
}

const OPTIONS: ReadonlySet<string> = new Set<keyof WebhookWorkerOptions>([
  'connection',
  'namespace',
  'taskQueue',
  'temporal',
  'artifacts',
  'secrets',
  'log',
  'logger',
  'egress',
  'checkOpenRuns',
]);

/** Without this check a misspelt `taskQueue` would silently poll the default queue, where nothing comes. */
function refuseUnknownOptions(options: WebhookWorkerOptions): void {
  const { temporal = {} } = options;
  const misplaced = OWN_OPTIONS.filter((name) => name in temporal);
  if (misplaced.length > 0)
    throw new TypeError(`createWebhookWorker: ${misplaced.join(', ')} belongs beside temporal, not in it`);
  const unknown = Object.keys(options).filter((name) => !OPTIONS.has(name));
  if (unknown.length === 0) return;
  throw new TypeError(
    `createWebhookWorker: unknown option ${unknown.join(', ')}; known are ${[...OPTIONS].join(', ')} ` +
      "(the SDK's own go into temporal)",
  );
}

/** A worker that hosts webhook deliveries: defaults that were measured, the host's ports, nothing global touched. */
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { ActivityPorts } from '../activities/index.ts';
import { SHUTDOWN_GRACE_MS } from '../contract/limits.ts';
import { DEFAULT_TASK_QUEUE } from '../contract/names.ts';
import { checkOpenRuns } from './check-open-runs.ts';
import { webhookWorkerParts } from './worker-parts.ts';
import { workflowCode } from './workflow-code.ts';

export type WebhookWorkerOptions = ActivityPorts & {
  /** Connection to Temporal; the caller closes it after `run()` has resolved. */
  readonly connection: NativeConnection;
  /** Default `default`. */
  readonly namespace?: string;
  /** Default `topcalls-webhooks`; the client's must be the same. */
  readonly taskQueue?: string;
  /** Default true: refuses to start where the newest open runs of the task queue are encrypted and this worker's data converter
   *  can read none of them. False after keys were lost, when the runs that are open cannot be read by anybody. */
  readonly checkOpenRuns?: boolean;
  /** Further options of the SDK's `Worker.create`, e.g. `dataConverter` or slots; they win over the defaults below. */
  readonly temporal?: Partial<Omit<WorkerOptions, (typeof OWN_OPTIONS)[number]>>;
};

/** Options of the SDK that stand beside `temporal`, not in it: the check of open runs has to look where the worker will poll. */
const OWN_OPTIONS = ['connection', 'namespace', 'taskQueue'] as const;

/** Options that were measured for this work; for a worker of your own, `Worker.create({ ...WORKER_DEFAULTS, … })`. Slots: a
 *  waiting delivery holds none, so 500 are 500 POSTs in flight; a tarpit receiver holds one for 15 s. One queue
 *  for workflows and activities, since eager dispatch saves a seventh of the CPU. Sticky time-out 2 s: after a crash the
 *  workflow stands still that long instead of 10 s. */
export const WORKER_DEFAULTS = {
  maxConcurrentWorkflowTaskExecutions: 200,
  maxConcurrentActivityTaskExecutions: 500,
  workflowTaskPollerBehavior: { type: 'autoscaling' },
  activityTaskPollerBehavior: { type: 'autoscaling' },
  stickyQueueScheduleToStartTimeout: '2 seconds',
  shutdownGraceTime: SHUTDOWN_GRACE_MS,
} as const satisfies Partial<WorkerOptions>;

/** Makes a worker; `await worker.run()` polls until `worker.shutdown()`. Attempts in flight are let finish then.
 *  Throws `TypeError` for a wrong port, `EgressConfigError`, `UnreadableOpenRunsError` (no key for the runs that wait), and what
 *  `Worker.create` throws (no such namespace). */
export async function createWebhookWorker(options: WebhookWorkerOptions): Promise<Worker> {
  refuseUnknownOptions(options);
  const { connection, namespace = 'default', taskQueue = DEFAULT_TASK_QUEUE, temporal = {}, ...rest } = options;
  const { checkOpenRuns: doCheck = true, ...ports } = rest;
  const { workflowsPath, activities } = webhookWorkerParts(ports);
  const { dataConverter, plugins = [] } = temporal;
  // A plugin may bring a data converter of its own, which this check could not know.
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
    ...(temporal.workflowBundle === undefined && temporal.workflowsPath === undefined
      ? workflowCode(workflowsPath, temporal)
      : {}),
    ...temporal,
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

/** A misspelt `taskQueue` would poll the default one, where nothing comes, without a word. */
function refuseUnknownOptions(options: WebhookWorkerOptions): void {
  const { temporal = {} } = options;
  const misplaced = OWN_OPTIONS.filter((name) => name in temporal);
  if (misplaced.length > 0)
    throw new TypeError(`createWebhookWorker: ${misplaced.join(', ')} stands beside temporal, not in it`);
  const unknown = Object.keys(options).filter((name) => !OPTIONS.has(name));
  if (unknown.length === 0) return;
  throw new TypeError(
    `createWebhookWorker: unknown option ${unknown.join(', ')}; known are ${[...OPTIONS].join(', ')} (the SDK's own go into temporal)`,
  );
}

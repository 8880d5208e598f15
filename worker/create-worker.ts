/** Makes a worker that hosts webhook deliveries, from measured defaults and the host's ports. It changes nothing
 *  global. */
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { SHUTDOWN_GRACE_MS } from '../contract/limits.ts';
import { DEFAULT_TASK_QUEUE } from '../contract/server-names.ts';
import { requireServerTextReadable } from './check-data-converter.ts';
import { checkOpenRuns } from './check-open-runs.ts';
import { withGuardedStorage } from './guarded-storage.ts';
import { refuseNamesOfOurs, refuseUnknownOptions, requireNativeConnection } from './check-options.ts';
import { asNamespaceError } from './namespace-not-found.ts';
import { webhookWorkerParts } from './worker-parts.ts';
import { sayForce } from './say-at-start.ts';
import type { WebhookWorkerOptions } from './worker-options.ts';
import { workerIdentity } from './worker-identity.ts';
import { workflowCode } from './workflow-code.ts';

/** Measured options for a worker. For your own worker: `Worker.create({ ...WORKER_DEFAULTS, … })`.
 *  A waiting delivery holds no slot, so 500 slots are 500 POSTs in flight; a receiver that never answers holds one for
 *  up to 15 s. After an outage that many attempts start together. On a busy machine 500 were all sent in time
 *  (bench/in-flight.ts). Of 1,000 only 366 were on their way 10 s later, and a connection must stand within 5 s. A POST
 *  in flight costs 0.15 MiB, and no processor time while it waits.
 *  Workflows and activities share one queue, because eager dispatch saves a seventh of the CPU. The sticky time-out is
 *  2 s: after a crash a workflow waits that long, instead of 10 s. An activation may take 30 s: the SDK's 5 s are wall
 *  time, and on a busy machine thousands of signals in one activation exceeded them, which ended the process. One
 *  thread runs all workflow tasks: of 200 taken at once many exceeded the server's 10 s on a busy machine and were done
 *  again. */
export const WORKER_DEFAULTS = {
  maxConcurrentWorkflowTaskExecutions: 40,
  // Each holds a workflow task's slot, so more would wait for one.
  maxConcurrentLocalActivityExecutions: 40,
  maxConcurrentActivityTaskExecutions: 500,
  workflowTaskPollerBehavior: { type: 'autoscaling' },
  activityTaskPollerBehavior: { type: 'autoscaling' },
  stickyQueueScheduleToStartTimeout: '2 seconds',
  // Not in the SDK's types, and taken all the same.
  isolateExecutionTimeout: '30 seconds',
  shutdownGraceTime: SHUTDOWN_GRACE_MS,
} as const satisfies Partial<WorkerOptions & { readonly isolateExecutionTimeout: string }>;

/** Makes a worker. `await worker.run()` polls until `worker.shutdown()`, which lets attempts in flight finish. It
 *  warns if there is no log, also if `log: 'none'` says so.
 *  Rejects with `TypeError` for a wrong port, option or connection, with `EgressConfigError`, with
 *  `UnreadableOpenRunsError` if the key for waiting runs is missing, and with `NamespaceNotFoundError`. Other errors
 *  of `Worker.create` come as they are. */
export async function createWebhookWorker(options: WebhookWorkerOptions): Promise<Worker> {
  refuseUnknownOptions(options);
  const { connection, namespace = 'default', taskQueue = DEFAULT_TASK_QUEUE, temporal = {}, ...rest } = options;
  const { checkOpenRuns: doCheck = true, ...ports } = rest;
  const parts = webhookWorkerParts(ports);
  requireNativeConnection(connection);
  refuseNamesOfOurs(temporal.activities, parts.activities);
  sayForce(temporal, ports.logger);
  const { plugins = [] } = temporal;
  const dataConverter = temporal.dataConverter && withGuardedStorage(temporal.dataConverter);
  await requireServerTextReadable(dataConverter);
  // Skipped with plugins: a plugin may set a data converter that this check does not know.
  const warning =
    doCheck && plugins.length === 0
      ? await checkOpenRuns({ connection, namespace, taskQueue, dataConverter })
      : undefined;
  if (warning !== undefined) {
    const { event, ...facts } = warning;
    ports.logger?.warn(facts, event);
  }
  const hasWorkflows = temporal.workflowBundle !== undefined || temporal.workflowsPath !== undefined;
  try {
    return await Worker.create({
      ...defaultsBeside(temporal),
      identity: workerIdentity(),
      connection,
      namespace,
      taskQueue,
      ...temporal,
      ...(dataConverter && { dataConverter }),
      // Looked for only if needed: a host that is bundled into one file has no workflow code beside it.
      ...(hasWorkflows ? {} : workflowCode(() => parts.workflowsPath, temporal)),
      activities: { ...temporal.activities, ...parts.activities },
    });
  } catch (error) {
    throw asNamespaceError(error, namespace);
  }
}

/** The defaults. A tuner decides the slots itself, and the SDK refuses numbers of slots beside one. */
function defaultsBeside({ tuner }: Partial<WorkerOptions>): Partial<WorkerOptions> {
  if (tuner === undefined) return WORKER_DEFAULTS;
  const slots = /^maxConcurrent.*Executions$/;
  return Object.fromEntries(Object.entries(WORKER_DEFAULTS).filter(([name]) => !slots.test(name)));
}

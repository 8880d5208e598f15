/** Whole webhooks in virtual time: a real worker on the SDK's time-skipping test server, where a ladder of 81 minutes
 *  passes in about a second. It needs the package @temporalio/testing, which is loaded when it is used. */
import type { Client } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { TemporalRuns } from '../client/temporal-runs.ts';
import type { StartRequest } from '../client/runs.ts';
import { WebhookClient } from '../client/webhook-client.ts';
import { LOOPBACK_EGRESS } from '../contract/egress/policy.ts';
import { checkOptionNames } from '../contract/known-options.ts';
import type { WebhookResult } from '../contract/delivery-state.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import type { WebhookClientOptions } from '../contract/schemas/client-options.ts';
import { DEFAULT_TASK_QUEUE } from '../contract/server-names.ts';
import type { WebhookWorkerOptions } from '../worker/index.ts';

/** Where a worker of the host has to poll. */
export type WhereToPoll = {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
};

/** - `worker`: the host's own ports, as `createWebhookWorker` takes them; `egress` is `LOOPBACK_EGRESS` by default. A
 *    host that folds the webhooks into its own worker gives a function that makes it
 *  - `webhooks`: options of the client. Search attributes are off: the test server has none
 *  - `serverPath`: the program `temporal-test-server`. Default: the SDK downloads it once */
export type VirtualTimeOptions = {
  readonly worker:
    | Omit<WebhookWorkerOptions, 'connection' | 'namespace' | 'taskQueue'>
    | ((where: WhereToPoll) => Promise<Worker>);
  readonly webhooks?: WebhookClientOptions;
  readonly serverPath?: string;
};

/** A server, a worker that runs, and a client. */
export type VirtualTime = {
  /** Give it to the host. */
  readonly webhooks: WebhookClient;
  /** The SDK's client behind it. */
  readonly client: Client;
  /** Skips time until every webhook that was reported has ended. Resolves with their results in the order of the
   *  reports. */
  deliverAll(): Promise<readonly WebhookResult[]>;
  /** Lets this much of the server's time pass. So a test can act between two attempts. */
  pass(ms: number): Promise<void>;
  /** The server's time, ms since 1970. */
  nowMs(): Promise<number>;
  /** Stops worker and server. */
  close(): Promise<void>;
};

/** Starts server and worker. Use one for each test file.
 *  const time = await openVirtualTime({ worker: { artifacts, secrets, log: 'none' } });
 *  await time.webhooks.callEnded(call);
 *  const [result] = await time.deliverAll();
 *  Rejects if @temporalio/testing is not installed, and with the errors of `createWebhookWorker`. */
export async function openVirtualTime(options: VirtualTimeOptions): Promise<VirtualTime> {
  checkOptionNames('openVirtualTime', options, ['worker', 'webhooks', 'serverPath']);
  const { worker, webhooks, serverPath } = options;
  const { TestWorkflowEnvironment } = await testingPackage();
  const executable = serverPath === undefined ? undefined : ({ type: 'existing-path', path: serverPath } as const);
  const env = await TestWorkflowEnvironment.createTimeSkipping(executable ? { server: { executable } } : {});
  const taskQueue = webhooks?.taskQueue ?? DEFAULT_TASK_QUEUE;
  try {
    const where = { connection: env.nativeConnection, namespace: env.client.options.namespace, taskQueue };
    const running = runWorker(await makeWorker(worker, where));
    const runs = new NotedRuns(env.client);
    const client = new WebhookClient(runs, { searchAttributes: false, ...webhooks });
    return {
      webhooks: client,
      client: env.client,
      deliverAll: () => running.whileRunning(() => resultsOf(client, runs.started)),
      pass: (ms) => running.whileRunning(() => env.sleep(ms)),
      nowMs: () => env.currentTimeMs(),
      close: async () => {
        await running.stop();
        await env.teardown();
      },
    };
  } catch (error) {
    await env.teardown();
    throw error;
  }
}

/** Notes which runs were started. The test server cannot list them. */
class NotedRuns extends TemporalRuns {
  readonly started = new Set<string>();

  override async start(workflowId: string, input: AnyRunInput, request: StartRequest) {
    const earlier = await super.start(workflowId, input, request);
    this.started.add(workflowId);
    return earlier;
  }
}

/** The wait for a result makes this server skip time. Runs that are started meanwhile are waited for, too. */
async function resultsOf(webhooks: WebhookClient, workflowIds: ReadonlySet<string>): Promise<readonly WebhookResult[]> {
  const results: WebhookResult[] = [];
  for (const workflowId of workflowIds) results.push(await webhooks.withWorkflowId(workflowId).result());
  return results;
}

async function makeWorker(worker: VirtualTimeOptions['worker'], where: WhereToPoll): Promise<Worker> {
  if (typeof worker === 'function') return worker(where);
  const { createWebhookWorker } = await import('../worker/index.ts');
  return createWebhookWorker({ egress: LOOPBACK_EGRESS, ...worker, ...where });
}

function runWorker(worker: Worker) {
  // Kept, so that a worker that fails early is told by what waits for it, and is no unhandled rejection.
  const ended = worker.run().then(
    () => new Error('the worker has stopped'),
    (error: unknown) => error,
  );
  return {
    whileRunning: <T>(work: () => Promise<T>): Promise<T> =>
      Promise.race([
        work(),
        ended.then((error): never => {
          throw error;
        }),
      ]),
    stop: async (): Promise<void> => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}

async function testingPackage() {
  try {
    return await import('@temporalio/testing');
  } catch (error) {
    const fix = 'npm install --save-dev @temporalio/testing, in the version of your other @temporalio packages';
    throw new Error(`openVirtualTime needs @temporalio/testing: ${fix}`, { cause: error });
  }
}

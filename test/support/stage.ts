/**
 * The stage for whole runs in one process: client, worker and ports around a server, all of them real. Tests open it
 * at the shared server. Scripts and benches have none, and open it with a server of its own.
 */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection, Runtime, type Logger, type Worker, type WorkerOptions } from '@temporalio/worker';
import { MemoryArtifactSource, MemoryDeliveryLog } from '../../adapters/memory.ts';
import { StaticSecrets } from '../../adapters/static-secrets.ts';
import { WebhookClient, type WebhookClientOptions } from '../../client/index.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/server-names.ts';
import { findOrStartTemporal } from '../../temporal-server/find-or-start.ts';
import type { FindOptions, FoundTemporal } from '../../temporal-server/find-or-start.ts';
import { createWebhookWorker, LOOPBACK_EGRESS, type WebhookWorkerOptions } from '../../worker/index.ts';
import { SECRET } from './builders.ts';

/** Lines of a host's logger, kept for the test. */
export type LogLine = { readonly level: string; readonly message: string } & Record<string, unknown>;

export type Stage = {
  readonly client: Client;
  readonly webhooks: WebhookClient;
  readonly taskQueue: string;
  readonly artifacts: MemoryArtifactSource;
  readonly log: MemoryDeliveryLog;
  readonly lines: LogLine[];
  /** A client with other options, on the same queue. */
  webhooksWith(options: WebhookClientOptions): WebhookClient;
  /** Starts one more worker. It stops with the stage, or by its own `stop`. */
  startWorker(options?: Partial<WebhookWorkerOptions>): Promise<{ readonly worker: Worker; stop(): Promise<void> }>;
  close(): Promise<void>;
};

export type StageOptions = {
  readonly address: string;
  /** Options of its client. */
  readonly webhooks?: WebhookClientOptions;
  /** Options of its workers; false: none is started. */
  readonly worker?: Partial<WebhookWorkerOptions> | false;
  /** Of its client; its workers' is in `worker.temporal`. */
  readonly dataConverter?: DataConverter;
  /** Default: one that no other test uses. */
  readonly taskQueue?: string;
  /** The identities of client and workers. For histories and pictures, which must not name the machine. */
  readonly identities?: { readonly client: string; readonly worker: string };
};

/** How fast a server takes a start is no matter of these tests. */
const PATIENT = { startTimeoutMs: 60_000 };

/** Opens a stage at `address`, by default with one worker running. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const connection = await Connection.connect({ address: options.address });
  const { dataConverter, identities } = options;
  const client = new Client({
    connection,
    ...(dataConverter && { dataConverter }),
    ...(identities && { identity: identities.client }),
  });
  const taskQueue = options.taskQueue ?? `test-${randomUUID()}`;
  const artifacts = new MemoryArtifactSource();
  const log = new MemoryDeliveryLog();
  const lines: LogLine[] = [];
  const stops = new Set<() => Promise<void>>();
  const note =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push({ level, message, ...fields });
    };
  const stage: Stage = {
    client,
    taskQueue,
    artifacts,
    log,
    lines,
    webhooks: new WebhookClient(client, { ...PATIENT, taskQueue, ...options.webhooks }),
    webhooksWith: (more) => new WebhookClient(client, { ...PATIENT, taskQueue, ...options.webhooks, ...more }),
    startWorker: async (more = {}) => {
      const given = options.worker === false ? {} : (options.worker ?? {});
      const native = await NativeConnection.connect({ address: options.address });
      const temporal = { ...(identities && { identity: identities.worker }), ...given.temporal, ...more.temporal };
      const worker = await createWebhookWorker({
        connection: native,
        taskQueue,
        artifacts,
        log,
        secrets: new StaticSecrets({ main: SECRET }),
        logger: { info: note('info'), warn: note('warn'), error: note('error') },
        egress: LOOPBACK_EGRESS,
        ...given,
        ...more,
        temporal: { ...sharedBundle(temporal), ...temporal },
      });
      const running = worker.run();
      const stop = async (): Promise<void> => {
        if (!stops.delete(stop)) return;
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await running;
        await native.close();
      };
      stops.add(stop);
      return { worker, stop };
    },
    close: async () => {
      await Promise.all([...stops].map((stop) => stop()));
      await connection.close();
    },
  };
  if (options.worker !== false) await stage.startWorker();
  return stage;
}

/** The bundle that this test run made once, for a worker that adds nothing to workflow code. Otherwise nothing. */
function sharedBundle(temporal: object): Pick<WorkerOptions, 'workflowBundle'> {
  const codePath = process.env['TEST_WORKFLOW_BUNDLE'];
  const adds = ['workflowBundle', 'workflowsPath', 'dataConverter', 'interceptors', 'plugins', 'bundlerOptions'];
  return codePath === undefined || adds.some((name) => name in temporal) ? {} : { workflowBundle: { codePath } };
}

/**
 * A stage with a development server of its own, which `close` stops as well. The SDK logs only errors. For scripts
 * and benches, once per process.
 */
export async function openOwnStage({
  server: more,
  ...options
}: Omit<StageOptions, 'address'> & { readonly server?: Omit<FindOptions, 'env' | 'reuse'> } = {}): Promise<
  Stage & { readonly server: FoundTemporal }
> {
  // The SDK handles no signals, so we decide in which order things end.
  Runtime.install({ logger: QUIET, shutdownSignals: [] });
  const server = await findOrStartTemporal({
    env: process.env,
    onProgress: (line) => void process.stderr.write(`${line}\n`),
    reuse: false,
    searchAttributes: SEARCH_ATTRIBUTES,
    ...more,
  });
  try {
    const stage = await openStage({ address: server.address, ...options });
    const close = async (): Promise<void> => {
      await stage.close();
      await server.stop();
    };
    return { ...stage, server, close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

const nothing = (): void => {};
const QUIET: Logger = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: (message, meta) => void process.stderr.write(`${message} ${JSON.stringify(meta)}\n`),
};

/** A stage for whole runs: client, worker and ports around a server, real in every part. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { MemoryArtifactSource, MemoryDeliveryLog } from '../../adapters/memory.ts';
import { StaticSecrets } from '../../adapters/static-secrets.ts';
import { WebhookClient, type WebhookClientOptions } from '../../client/index.ts';
import { createWebhookWorker, LOOPBACK_EGRESS, type WebhookWorkerOptions } from '../../worker/index.ts';
import { SECRET } from './builders.ts';

/** Lines of a host's logger, kept for looking at. */
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
  /** Starts one more worker; stopped with the stage, or by its own `stop`. */
  startWorker(options?: Partial<WebhookWorkerOptions>): Promise<{ readonly worker: Worker; stop(): Promise<void> }>;
  close(): Promise<void>;
};

/** Opens a stage at `address`, by default with one worker running. `webhooks`: options of its client. `dataConverter`: of its
 *  client; its workers' is in `worker.temporal`. */
export async function openStage(options: {
  readonly address: string;
  readonly webhooks?: WebhookClientOptions;
  readonly worker?: Partial<WebhookWorkerOptions> | false;
  readonly dataConverter?: DataConverter;
}): Promise<Stage> {
  const connection = await Connection.connect({ address: options.address });
  const { dataConverter } = options;
  const client = new Client({ connection, ...(dataConverter && { dataConverter }) });
  const taskQueue = `test-${randomUUID()}`;
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
    webhooks: new WebhookClient(client, { taskQueue, ...options.webhooks }),
    webhooksWith: (more) => new WebhookClient(client, { taskQueue, ...options.webhooks, ...more }),
    startWorker: async (more = {}) => {
      const native = await NativeConnection.connect({ address: options.address });
      const worker = await createWebhookWorker({
        connection: native,
        taskQueue,
        artifacts,
        log,
        secrets: new StaticSecrets({ main: SECRET }),
        logger: { info: note('info'), warn: note('warn'), error: note('error') },
        egress: LOOPBACK_EGRESS,
        ...(options.worker === false ? {} : options.worker),
        ...more,
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

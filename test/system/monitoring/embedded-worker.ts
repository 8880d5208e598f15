/**
 * A host's own worker process with our deliveries in it: the embedded kind. Its ports can be given faults. Environment:
 * see `EmbeddedEnv`.
 */
import { existsSync } from 'node:fs';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { HttpArtifactSource, PostgresDeliveryLog, StaticSecrets } from '../../../adapters/index.ts';
import { createWebhookWorker, LOOPBACK_EGRESS, METRIC_BUCKETS } from '../../../worker/index.ts';
import { runScript } from '../../support/run-script.ts';
import { SECRET } from '../../support/builders.ts';

export type EmbeddedEnv = {
  readonly TEMPORAL_ADDRESS: string;
  readonly ARTIFACTS_URL: string;
  /** `none`: no log. */
  readonly DATABASE_URL: string;
  /** Empty: no exporter. */
  readonly METRICS_ADDRESS: string;
  /** While this file exists, the store of secrets throws. */
  readonly SECRETS_FAULT: string;
  /** Activities at the same time. */
  readonly SLOTS: string;
  /** Activities that the server gives out in a second. It keeps the last rate that a worker named. */
  readonly RATE: string;
};

const env = process.env as EmbeddedEnv;

void runScript(async (closers) => {
  const prometheus = { bindAddress: env.METRICS_ADDRESS, histogramBucketOverrides: METRIC_BUCKETS };
  const metrics = env.METRICS_ADDRESS === '' ? {} : { metrics: { prometheus } };
  Runtime.install({ shutdownSignals: [], telemetryOptions: { logging: { filter: 'ERROR', forward: {} }, ...metrics } });
  const connection = await NativeConnection.connect({ address: env.TEMPORAL_ADDRESS });
  closers.push(() => connection.close());
  const log = env.DATABASE_URL === 'none' ? 'none' : new PostgresDeliveryLog({ connectionString: env.DATABASE_URL });
  if (log !== 'none') closers.push(() => log.close());
  const secrets = new StaticSecrets({ main: SECRET });
  const worker = await createWebhookWorker({
    connection,
    artifacts: new HttpArtifactSource({ baseUrl: env.ARTIFACTS_URL }),
    secrets: {
      forEndpoint: (ref) => {
        if (existsSync(env.SECRETS_FAULT)) throw new Error('the store is down');
        return secrets.forEndpoint(ref);
      },
    },
    log,
    egress: LOOPBACK_EGRESS,
    metrics: { endpoints: 20 },
    temporal: {
      maxConcurrentActivityTaskExecutions: Number(env.SLOTS),
      ...(env.RATE !== '' && { maxTaskQueueActivitiesPerSecond: Number(env.RATE) }),
    },
  });
  process.once('SIGTERM', () => worker.shutdown());
  process.stdout.write('worker.ready\n');
  await worker.run();
});

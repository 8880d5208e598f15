/** A worker for bench/metrics-cost.ts. It tells its processor time when asked. With METRICS_ADDRESS it has metrics. */
import { NativeConnection, Runtime } from '@temporalio/worker';
import { MemoryArtifactSource, MemoryDeliveryLog, StaticSecrets } from '../adapters/index.ts';
import { SECRET } from '../test/support/builders.ts';
import { runScript } from '../test/support/run-script.ts';
import { createWebhookWorker, LOOPBACK_EGRESS, METRIC_BUCKETS } from '../worker/index.ts';

const { METRICS_ADDRESS: bindAddress = '', TEMPORAL_ADDRESS: address = '', TASK_QUEUE: taskQueue = '' } = process.env;

void runScript(async () => {
  const metrics = bindAddress !== '' && {
    metrics: { prometheus: { bindAddress, histogramBucketOverrides: METRIC_BUCKETS } },
  };
  const nothing = (): void => undefined;
  const quiet = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
  Runtime.install({ shutdownSignals: [], logger: quiet, telemetryOptions: metrics || {} });
  const worker = await createWebhookWorker({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    artifacts: new MemoryArtifactSource(),
    secrets: new StaticSecrets({ main: SECRET }),
    log: new MemoryDeliveryLog(),
    logger: quiet,
    egress: LOOPBACK_EGRESS,
    metrics: { endpoints: 20 },
  });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.once('disconnect', () => worker.shutdown());
  const running = worker.run();
  process.send?.('polls');
  await running;
});

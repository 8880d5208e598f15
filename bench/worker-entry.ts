/** The process that `bench/worker-process.ts` starts: a worker with SLOTS activity slots, or as many as by default.
 *  With METRICS_ADDRESS it counts per endpoint, and has an exporter there if that is not empty. Asked, it tells its
 *  memory, and how late its event loop was since it was asked last. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { MemoryArtifactSource, MemoryDeliveryLog, StaticSecrets } from '../adapters/index.ts';
import { SECRET } from '../test/support/builders.ts';
import { runScript } from '../test/support/run-script.ts';
import { createWebhookWorker, LOOPBACK_EGRESS, METRIC_BUCKETS } from '../worker/index.ts';
import type { WorkerSeen } from './worker-process.ts';

const { TEMPORAL_ADDRESS: address = '', TASK_QUEUE: taskQueue = '', SLOTS: slots } = process.env;
const { METRICS_ADDRESS: bindAddress } = process.env;
const codePath = process.env['TEST_WORKFLOW_BUNDLE'] ?? '';

void runScript(async () => {
  const nothing = (): void => undefined;
  const quiet = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
  const telemetryOptions = bindAddress
    ? { metrics: { prometheus: { bindAddress, histogramBucketOverrides: METRIC_BUCKETS } } }
    : {};
  Runtime.install({ shutdownSignals: [], logger: quiet, telemetryOptions });
  const worker = await createWebhookWorker({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    artifacts: new MemoryArtifactSource(),
    secrets: new StaticSecrets({ main: SECRET }),
    log: new MemoryDeliveryLog(),
    logger: quiet,
    egress: LOOPBACK_EGRESS,
    ...(bindAddress === undefined ? {} : { metrics: { endpoints: 20 } }),
    temporal: {
      workflowBundle: { codePath },
      ...(slots === undefined ? {} : { maxConcurrentActivityTaskExecutions: Number(slots) }),
    },
  });
  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const seen: WorkerSeen = {
      memoryMiB: process.memoryUsage().rss / 2 ** 20,
      // The histogram counts the timer's own interval of 10 ms as well.
      lagP99Ms: Math.max(0, lag.percentile(99) / 1e6 - 10),
      lagMaxMs: Math.max(0, lag.max / 1e6 - 10),
      cpuS: (user + system) / 1e6,
    };
    lag.reset();
    process.send?.(seen);
  });
  process.once('disconnect', () => worker.shutdown());
  const running = worker.run();
  process.send?.('polls');
  await running;
});

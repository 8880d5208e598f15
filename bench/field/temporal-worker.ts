/**
 * A Temporal worker of the bench, in a process of its own. FLOW: `ours` runs what `npm run build` made, from the folder
 * DIST. The others run the workflows of flows.ts: `naive` with the SDK's defaults, the rest with the settings of ours,
 * also for the connection, and a bundle.
 */
import { join } from 'node:path';
import { makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Logger } from '@temporalio/worker';
import type * as Adapters from '../../adapters/index.ts';
import type * as OurWorker from '../../worker/index.ts';
import { SECRET } from '../../test/support/builders.ts';
import { runScript } from '../../test/support/run-script.ts';
import { answerParent, usageOf } from './child.ts';
import { artifactsOf, referencePorts } from './ports.ts';
import { referenceActivities } from './reference-activities.ts';

const { FLOW = '', DIST = '', BUNDLE = '', TEMPORAL_ADDRESS: address = '', TASK_QUEUE: taskQueue = '' } = process.env;
/** As the SDK does by default, or as our stand-alone worker does where there is no TLS. */
const codec = FLOW === 'naive' ? 'gzip' : 'none';

const nothing = (): void => undefined;
const quiet: Logger = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: console.warn,
  error: console.error,
};

let recorded = 0;
const count = (): void => void (recorded += 1);

void runScript(async () => {
  // On a machine that is short of processor time, Core warns of every slow task.
  const logging = { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) };
  Runtime.install({ shutdownSignals: [], logger: quiet, telemetryOptions: { logging } });
  const connection = await NativeConnection.connect({ address, grpcCompression: { codec } });
  const worker = FLOW === 'ours' ? await ours(connection) : await reference(connection);
  const running = worker.run();
  answerParent({ usage: usageOf(() => recorded) }, () => worker.shutdown());
  await running;
  await connection.close();
});

async function ours(connection: NativeConnection): Promise<Worker> {
  const { createWebhookWorker, LOOPBACK_EGRESS } = (await import(join(DIST, 'worker/index.js'))) as typeof OurWorker;
  const { MemoryDeliveryLog, StaticSecrets } = (await import(join(DIST, 'adapters/index.js'))) as typeof Adapters;
  const log = new MemoryDeliveryLog();
  return createWebhookWorker({
    connection,
    taskQueue,
    artifacts: { fetch: async () => artifactsOf() },
    secrets: new StaticSecrets({ main: SECRET }),
    log: {
      record: async (record) => {
        await log.record(record);
        count();
      },
    },
    logger: { info: nothing, warn: nothing, error: (fields, event) => console.error(event, fields) },
    egress: LOOPBACK_EGRESS,
  });
}

async function reference(connection: NativeConnection): Promise<Worker> {
  const common = { connection, taskQueue, activities: referenceActivities(referencePorts(count)) };
  if (FLOW === 'naive') return Worker.create({ ...common, workflowsPath: join(__dirname, 'flows.ts') });
  const { WORKER_DEFAULTS } = (await import(join(DIST, 'worker/index.js'))) as typeof OurWorker;
  return Worker.create({ ...WORKER_DEFAULTS, ...common, workflowBundle: { codePath: BUNDLE } });
}

/**
 * A worker of its own process, which the plays kill, freeze and start again. Its ports can be broken from outside: a
 * file in SWITCHES breaks the one that it is named after.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { MemoryArtifactSource, PostgresDeliveryLog } from '../../../adapters/index.ts';
import { createWebhookWorker, LOOPBACK_EGRESS } from '../../../worker/index.ts';
import { SECRET } from '../../support/builders.ts';

const { ADDRESS = '', TASK_QUEUE = '', DATABASE_URL = 'none', SWITCHES = '', BUNDLE = '', SLOTS, EVENTS } = process.env;

async function main(): Promise<void> {
  const nothing = (): void => {};
  const log = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
  Runtime.install({ logger: log, telemetryOptions: { logging: { filter: 'ERROR', forward: {} } } });
  const secrets = {
    forEndpoint: () => {
      if (existsSync(join(SWITCHES, 'secrets'))) throw Object.assign(new Error('hush'), { code: 'STORE_DOWN' });
      return { current: SECRET, previous: [] };
    },
  };
  const worker = await createWebhookWorker({
    connection: await NativeConnection.connect({ address: ADDRESS }),
    taskQueue: TASK_QUEUE,
    artifacts: new MemoryArtifactSource(),
    secrets,
    log: DATABASE_URL === 'none' ? 'none' : new PostgresDeliveryLog({ connectionString: DATABASE_URL }),
    egress: LOOPBACK_EGRESS,
    ...(EVENTS === 'refused' ? { deliveryEvents: { notify: () => Promise.reject(new Error('hush')) } } : {}),
    temporal: {
      workflowBundle: { codePath: BUNDLE },
      ...(SLOTS === undefined ? {} : { maxConcurrentActivityTaskExecutions: Number(SLOTS) }),
    },
  });
  console.log('ready');
  await worker.run();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);

/** The worker's process: deliveries run here. Run any number of them. SIGTERM lets attempts in flight end first. */
import { NativeConnection, Runtime } from '@temporalio/worker';
import { HttpArtifactSource, PostgresDeliveryLog } from '@topcalls/webhooks/adapters';
import { createWebhookWorker, temporalLogger } from '@topcalls/webhooks/worker';
import pino from 'pino';
import { accountSecrets } from './accounts.js';
import { config } from './config.js';
import { openPool } from './database.js';

const logger = pino({ name: 'webhook-worker' });
// Only a process may install a Runtime, so the package does not. temporalLogger() keeps payloads (transcripts, phone
// numbers) out of the SDK's own log lines, and `forward` brings it those of the SDK's core.
Runtime.install({
  logger: temporalLogger(logger),
  telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
});

const pool = openPool(config.databaseUrl);
// Compressing saves traffic and costs worker and server processor time. Leave the option out for Temporal Cloud.
const connection = await NativeConnection.connect({
  address: config.temporalAddress,
  grpcCompression: { codec: 'none' },
});
const worker = await createWebhookWorker({
  connection,
  namespace: config.temporalNamespace,
  taskQueue: config.taskQueue,
  artifacts: new HttpArtifactSource({ baseUrl: `${config.engineUrl}/internal`, token: config.internalToken }),
  secrets: accountSecrets(pool),
  // Its table is made on first use; `topcalls-webhooks db migrate` does it beforehand.
  log: new PostgresDeliveryLog({ pool, autoMigrate: true }),
  logger,
  egress: config.egress,
});
logger.info('worker: polling');
// Resolves after SIGINT or SIGTERM, which the Runtime listens to.
await worker.run();
await connection.close();
await pool.end();

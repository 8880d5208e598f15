/** The host's own worker, with the webhooks folded in: one process, one task queue, two kinds of work. */
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { StaticSecrets } from '@topcalls/webhooks/adapters';
import { WebhookClient } from '@topcalls/webhooks/client';
import { LOOPBACK_EGRESS, webhookWorkerParts, WORKER_DEFAULTS } from '@topcalls/webhooks/worker';
import { createCallActivities } from './call-activities.js';
import { callArtifacts } from './call-artifacts.js';
import { config } from './config.js';

const { temporalAddress: address, taskQueue, webhookSecret, settleDelayMs } = config;
const connection = await NativeConnection.connect({ address, grpcCompression: { codec: 'none' } });
const clientConnection = await Connection.connect({ address });
// Webhooks are started on the host's queue, where this worker polls.
const webhooks = new WebhookClient(new Client({ connection: clientConnection }), { taskQueue, settleDelayMs });

const { activities } = webhookWorkerParts({
  artifacts: callArtifacts,
  secrets: new StaticSecrets({ acct_1: webhookSecret }),
  // Final states stay in Temporal. With `new PostgresDeliveryLog({ connectionString })` they outlive its retention.
  log: 'none',
  // For tests on one machine. Leave it out in production: customers' URLs must not reach this host.
  egress: LOOPBACK_EGRESS,
});
const worker = await Worker.create({
  // Slots, pollers and a grace of 25 s. One POST may take 15 s, so a stopping worker lets attempts end.
  ...WORKER_DEFAULTS,
  connection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('workflows.js', import.meta.url)),
  activities: { ...createCallActivities(webhooks), ...activities },
});
console.log(`worker: polling ${taskQueue}`);
await worker.run();
await connection.close();
await clientConnection.close();

/** The call engine's process: HTTP API and outbox loop. It starts, takes calls and ends them even without Temporal. */
import { Client, Connection } from '@temporalio/client';
import { PostgresDeliveryLog } from '@topcalls/webhooks/adapters';
import { WebhookClient } from '@topcalls/webhooks/client';
import { createApp } from './app.js';
import { config } from './config.js';
import { createTables, openPool } from './database.js';
import { startOutbox } from './outbox.js';

const pool = openPool(config.databaseUrl);
await createTables(pool);

// lazy(): connect() rejects where Temporal is down, and the engine would not start. By default gRPC may wait 2 min
// before it connects again, and after a long outage the outbox would wait with it.
const connection = Connection.lazy({
  address: config.temporalAddress,
  channelArgs: { 'grpc.max_reconnect_backoff_ms': 5_000 },
});
const client = new Client({ connection, namespace: config.temporalNamespace });
const { taskQueue, settleDelayMs } = config;
/** Reports that were read otherwise than they came, or that repeat another one. Without it: process.emitWarning.
 *  @param {import('@topcalls/webhooks/client').WebhookWarning} warning */
const onWarning = ({ code, message }) => console.warn(`webhooks: ${code}: ${message}`);
const webhooks = new WebhookClient(client, { taskQueue, settleDelayMs, onWarning });

const outbox = startOutbox({ pool, webhooks });
const log = new PostgresDeliveryLog({ pool });
const server = createApp({ pool, webhooks, outbox, log, config }).listen(config.port, (error) => {
  if (error !== undefined) throw error;
  console.log(`engine: listening on port ${config.port}`);
});

let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, async () => {
    if (isStopping) return;
    isStopping = true;
    const closed = new Promise((resolve) => server.close(resolve));
    // A round under way may end, so that its rows are marked as done.
    await Promise.all([closed, outbox.stop()]);
    await pool.end();
    // Do not close the connection: a retry that the SDK has planned would throw on a closed one.
    process.exit(0);
  });
}

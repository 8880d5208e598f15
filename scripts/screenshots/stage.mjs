/**
 * The stage of `npm run screenshots`: a Temporal development server with its Web UI, the built worker and one receiver,
 * all started here and all closed again. Real in every part: what the pictures show is what these runs did.
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';

const require = createRequire(import.meta.url);
const { MemoryArtifactSource, MemoryDeliveryLog, StaticSecrets } = require('../../dist/adapters/index.js');
const { findOrStartTemporal } = require('../../dist/temporal-server/find-or-start.js');
const { applySearchAttributes, planSearchAttributes } = require('../../dist/cli/commands/setup/search-attributes.js');
const { DEFAULT_TASK_QUEUE } = require('../../dist/contract/index.js');
const { createWebhookWorker, LOOPBACK_EGRESS } = require('../../dist/worker/index.js');

/** Names that lead to this machine (RFC 6761), so that a picture shows a readable host and still tells the truth. */
const HOSTS = ['crm.localhost', 'billing.localhost', 'old-crm.localhost'];
const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error };

/** Opens the stage. `close` takes down what was opened, also where opening stopped half-way. */
export async function openStage() {
  const closers = [];
  const close = async () => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    return { ...(await open(closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(closers) {
  const server = await findOrStartTemporal({ env: process.env, onProgress: console.error, reuse: false, ui: true });
  closers.push(() => server.stop());
  const connection = await Connection.connect({ address: server.address });
  closers.push(() => connection.close());
  // What `topcalls-webhooks setup` does.
  await applySearchAttributes(connection, await planSearchAttributes(connection, 'default'));
  const receiver = await startReceiver();
  closers.push(receiver.close);
  const artifacts = new MemoryArtifactSource();
  closers.push(await startWorker(server.address, artifacts));
  return {
    // Identities stand in histories: a picture must not name the machine it was made on.
    client: new Client({ connection, identity: 'call-engine' }),
    artifacts,
    /** Address of a webhook at one of `HOSTS`; the path is the status that the receiver answers with. */
    hook: (host, status) => `http://${host}:${receiver.port}/${status}`,
    webUi: `${server.webUiUrl}/namespaces/default/workflows`,
  };
}

async function startReceiver() {
  const http = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(Number(request.url.slice(1))).end());
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { port: http.address().port, close: () => new Promise((resolve) => http.close(resolve)) };
}

async function startWorker(address, artifacts) {
  Runtime.install({ logger: silent, shutdownSignals: [] });
  const connection = await NativeConnection.connect({ address });
  const worker = await createWebhookWorker({
    connection,
    taskQueue: DEFAULT_TASK_QUEUE,
    artifacts,
    secrets: new StaticSecrets({ acct_dental: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }),
    log: new MemoryDeliveryLog(),
    egress: { ...LOOPBACK_EGRESS, allowHosts: HOSTS },
    logger: silent,
    temporal: { identity: 'webhook-worker-1' },
  });
  const running = worker.run();
  return async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await connection.close();
  };
}

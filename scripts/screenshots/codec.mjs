/**
 * Second half of `npm run screenshots`: the pictures of docs/encryption.md. An encrypted run in the real Web UI, before and after
 * a person logs in at the codec server, and a signal that the Web UI encrypts: fails where the browser cannot do one of them.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { look, openBrowser, seen, sendSignal, take } from './browser.mjs';
import { runAndClose } from '../run-and-close.mjs';

const require = createRequire(import.meta.url);
const { MemoryArtifactSource, StaticSecrets } = require('../../dist/adapters/index.js');
const { findOrStartTemporal } = require('../../dist/temporal-server/find-or-start.js');
const { freePort } = require('../../dist/temporal-server/ports.js');
const { WebhookClient } = require('../../dist/client/index.js');
const { encryptedDataConverter, generateEncryptionKey } = require('../../dist/codec/index.js');
const { SEARCH_ATTRIBUTES } = require('../../dist/contract/index.js');
const { createWebhookWorker, LOOPBACK_EGRESS } = require('../../dist/worker/index.js');

const TOKEN = 'only-for-the-pictures-of-this-one-run';
const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error };
const closers = [];
await runAndClose(main, closers);

async function main() {
  const browser = await openBrowser();
  closers.push(browser.close);
  const keys = { activeKeyId: 'k1', keys: { k1: generateEncryptionKey() } };
  const { webUi, handle } = await openStage(encryptedDataConverter(keys));
  const codecUrl = await startCodecServer(keys, new URL(webUi).origin);
  const { page } = browser;
  // What people set once behind the glasses in the top bar: endpoint, and "Include cross-origin credentials".
  await page.context().addInitScript((endpoint) => {
    localStorage.setItem('endpoint', JSON.stringify(endpoint));
    localStorage.setItem('includeCredentials', 'true');
    localStorage.setItem('overrideRemoteCodecConfiguration', 'true');
  }, codecUrl);
  const url = `${webUi}/namespaces/default/workflows/${encodeURIComponent(handle.workflowId)}`;

  await look(page, { url, words: ['RUNNING', /Codec Server could not connect/], height: 700 });
  await take(page, 'docs/img/codec-locked.png', 700);
  await page.goto(codecUrl);
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button').click();
  await seen(page, /Logged in/);
  await look(page, {
    url,
    tab: 'pending-activities',
    words: ['RUNNING', /attempt 1 of 5: HTTP 503 from crm\.localhost/],
    height: 700,
  });
  await take(page, 'docs/img/codec-decoded.png', 700);

  await sendSignal(page, { name: 'cancel', input: '{"reason":"asked in the Web UI"}' });
  const { state, cancelReason } = await handle.result();
  if (`${state}, ${cancelReason}` !== 'cancelled, asked in the Web UI') throw new Error(`the signal came to ${state}`);
  console.error('docs/img/codec-locked.png, docs/img/codec-decoded.png; a signal from the Web UI arrived encrypted');
}

/** A server with its Web UI, an encrypting worker and client, and one call whose receiver answers 503. */
async function openStage(dataConverter) {
  const server = await findOrStartTemporal({
    env: process.env,
    onProgress: console.error,
    reuse: false,
    ui: true,
    searchAttributes: SEARCH_ATTRIBUTES,
  });
  closers.push(() => server.stop());
  const receiver = createServer((request, response) => request.resume().on('end', () => response.writeHead(503).end()));
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => receiver.close(resolve)));
  Runtime.install({ logger: silent, shutdownSignals: [] });
  const native = await NativeConnection.connect({ address: server.address });
  const worker = await createWebhookWorker({
    connection: native,
    artifacts: new MemoryArtifactSource(),
    secrets: new StaticSecrets({ acct_dental: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }),
    egress: { ...LOOPBACK_EGRESS, allowHosts: ['crm.localhost'] },
    logger: silent,
    temporal: { dataConverter, identity: 'webhook-worker-1' },
  });
  const running = worker.run();
  closers.push(async () => {
    worker.shutdown();
    await running;
    await native.close();
  });
  const connection = await Connection.connect({ address: server.address });
  closers.push(() => connection.close());
  const webhooks = new WebhookClient(new Client({ connection, dataConverter, identity: 'call-engine' }));
  const handle = await webhooks.callEnded({
    call_id: 'call_7f21c9',
    status: 'failed',
    phone_number: '+14155551234',
    from_phone_number: '+18005551234',
    created_at: '2025-12-22T10:30:00Z',
    account_id: 'acct_dental',
    webhook_url: `http://crm.localhost:${receiver.address().port}/hook`,
  });
  return { webUi: server.webUiUrl, handle };
}

/** The command as an operator starts it; resolves with its address once it says that it listens. */
async function startCodecServer(keys, origin) {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['dist/cli/main.js', 'codec-server', '--origin', origin, '--port', String(port)],
    {
      env: { ...process.env, TOPCALLS_CODEC_TOKEN: TOKEN, TOPCALLS_ENCRYPTION_KEYS: JSON.stringify(keys) },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  closers.push(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => String(chunk).includes('codec server: http') && resolve());
    void ended.then((code) => reject(new Error(`the codec server ended with ${code}`)));
  });
  return `http://127.0.0.1:${port}`;
}

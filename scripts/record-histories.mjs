/**
 * Records the replay fixtures: one history per phase of a run, taken from a real server, into test/replay/histories/.
 * `npm run record-histories` after a change that adds commands to workflows (behind `patched()`); add phases, never
 * overwrite a recorded one: old runs must go on. `--all` records everything anew, for a first release only.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';

const require = createRequire(import.meta.url);
const { findOrStartTemporal } = require('../dist/temporal-server/find-or-start.js');
const { MemoryArtifactSource, StaticSecrets } = require('../dist/adapters/index.js');
const { WebhookClient } = require('../dist/client/index.js');
const { SEARCH_ATTRIBUTES } = require('../dist/contract/index.js');
const { createWebhookWorker, LOOPBACK_EGRESS, webhookWorkerParts } = require('../dist/worker/index.js');

const folder = 'test/replay/histories';
mkdirSync(folder, { recursive: true });
const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
Runtime.install({ logger: silent });
const server = await findOrStartTemporal({
  env: process.env,
  onProgress: console.error,
  reuse: false,
  searchAttributes: SEARCH_ATTRIBUTES,
});
const connection = await Connection.connect({ address: server.address });
const client = new Client({ connection, identity: 'engine' });
const native = await NativeConnection.connect({ address: server.address });
const taskQueue = 'record-histories';
const artifacts = new MemoryArtifactSource();
const secrets = new StaticSecrets({ main: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' });
const worker = await createWebhookWorker({
  connection: native,
  taskQueue,
  artifacts,
  secrets,
  egress: LOOPBACK_EGRESS,
  logger: silent,
  // Histories must not name the machine they were recorded on.
  temporal: { identity: 'worker' },
});
const running = worker.run();

/** Answers by script; 'hold' keeps the request until `release`. */
async function receiver(...script) {
  const held = [];
  let wake = () => {};
  const seen = new Promise((resolve) => (wake = resolve));
  const http = createServer((request, response) => {
    request.resume().on('end', () => {
      const answer = script.length > 1 ? script.shift() : script[0];
      if (answer === 'hold') held.push(response);
      else response.writeHead(answer).end();
      wake();
    });
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${http.address().port}/hook`,
    seen,
    release: (status) => held.splice(0).forEach((response) => response.writeHead(status).end()),
    close: () => (http.closeAllConnections(), http.close()),
  };
}

async function start(status, urls, { ready = true, ...options } = {}) {
  const call = {
    call_id: `fixture-${randomUUID()}`,
    status,
    phone_number: '+14155551234',
    from_phone_number: '+18005551234',
    call_status: status,
    duration: 2.5,
    created_at: '2025-12-22T10:30:00Z',
    campaign_id: 'camp_abc123',
    endpoints: urls.map((webhook_url) => ({ webhook_url, secret_ref: 'main' })),
  };
  const value = { status: 'ready', value: 'https://example.com/recording.mp3' };
  if (ready)
    artifacts.put(call.call_id, {
      recording: value,
      transcript: { status: 'ready', value: [] },
      summary: { status: 'ready', value: 'Fine.' },
    });
  const webhooks = new WebhookClient(client, {
    taskQueue,
    settleDelayMs: 1_000,
    retryDelaysMs: [1_000, 1_000],
    ...options,
  });
  return webhooks.callEnded(call);
}

async function reach(handle, state) {
  for (let turn = 0; turn < 200; turn += 1) {
    if ((await handle.status()).state === state) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never reached ${state}`);
}

async function save(name, handle) {
  const history = await client.workflow.getHandle(handle.workflowId).fetchHistory();
  const text = JSON.stringify(JSON.parse(historyToJSON(history)), null, 1);
  writeFileSync(`${folder}/${name}.json`, `${text}\n`);
  console.error(`recorded ${name} (${history.events.length} events)`);
}

const long = { retryDelaysMs: [60_000] };
/** name → what brings a run into that phase; its history is saved then. */
const phases = {
  'delivered-at-once': async () => ended(await start('completed', [await url(200)])),
  'failed-call-delivered': async () => ended(await start('failed', [await url(200)])),
  'delivered-at-third-attempt': async () => ended(await start('failed', [await url(503, 500, 200)])),
  'failed-after-the-ladder': async () => ended(await start('failed', [await url(500)])),
  gone: async () => ended(await start('failed', [await url(410)])),
  refused: async () => ended(await start('failed', ['http://10.0.0.1/hook'])),
  'three-endpoints-mixed': async () =>
    ended(await start('completed', [await url(200), await url(500), await url(410)])),
  settling: async () => inTimer(await start('completed', [await url(200)], { settleDelayMs: 60_000 })),
  fetching: async () => in_(await start('completed', [await url(200)], { ready: false, settleDelayMs: 0 }), 'fetching'),
  'attempt-in-flight': async () => {
    const held = await receiver('hold');
    const handle = await start('failed', [held.url]);
    await held.seen;
    return handle;
  },
  'waiting-in-the-ladder': async () => in_(await start('failed', [await url(503)], long), 'retrying'),
  'cancelled-while-settling': async () =>
    cancelled(await inTimer(await start('completed', [await url(200)], { settleDelayMs: 60_000 })), 'settling'),
  'cancelled-while-fetching': async () =>
    cancelled(await start('completed', [await url(200)], { ready: false, settleDelayMs: 0 }), 'fetching'),
  'cancelled-in-the-ladder': async () => cancelled(await start('failed', [await url(503)], long), 'retrying'),
  'cancelled-by-the-server': async () => {
    const handle = await in_(await start('failed', [await url(503)], long), 'retrying');
    await client.workflow.getHandle(handle.workflowId).cancel();
    return ended(handle);
  },
  'hurried-in-the-ladder': async () => {
    const handle = await in_(await start('failed', [await url(503, 200)], long), 'retrying');
    await handle.retryNow();
    return ended(handle);
  },
  'hurried-too-late': async () => {
    // The POSTs go on while nobody works at the workflow, which takes the signal up when the next attempt has failed.
    const own = { connection: native, taskQueue: `${taskQueue}-late` };
    const ports = { artifacts, secrets, egress: LOOPBACK_EGRESS, logger: silent };
    const { activities } = webhookWorkerParts(ports);
    const poster = await Worker.create({ ...own, activities, identity: 'worker' });
    const posting = poster.run();
    const decide = async () => {
      const temporal = { identity: 'worker', enableNonLocalActivities: false };
      const decider = await createWebhookWorker({ ...own, ...ports, temporal });
      return { stop: () => decider.shutdown(), stopped: decider.run() };
    };
    const first = await decide();
    const late = { taskQueue: own.taskQueue, retryDelaysMs: [2_000, 5_000] };
    const handle = await in_(await start('failed', [await url(503, 503, 200)], late), 'retrying');
    first.stop();
    await first.stopped;
    await handle.retryNow();
    while ((await handle.status()).deliveries[0].attempts.length < 2) await new Promise((go) => setTimeout(go, 50));
    const second = await decide();
    await ended(handle);
    for (const each of [second, { stop: () => poster.shutdown(), stopped: posting }]) {
      each.stop();
      await each.stopped;
    }
    return handle;
  },
  redelivered: async () => {
    const handle = await ended(await start('failed', [await url(200), await url(410, 503, 200)]));
    await handle.redeliver();
    return ended(handle);
  },
  'campaign-completed': async () => {
    const webhooks = new WebhookClient(client, { taskQueue, settleDelayMs: 1_000, retryDelaysMs: [1_000] });
    const campaign = {
      campaign_id: `fixture-${randomUUID()}`,
      name: 'Fixture',
      status: 'completed',
      created_at: '2025-12-22T10:00:00Z',
    };
    const counts = { total_leads: 2, stats: { completed: 1, failed: 1 } };
    const settings = { webhook_url: await url(503, 200), secret_ref: 'main' };
    return ended(await webhooks.campaignEvent({ event: 'campaign.completed', ...campaign, ...counts, ...settings }));
  },
  'cancelled-in-flight-yet-delivered': async () => {
    const held = await receiver('hold');
    const handle = await start('failed', [held.url]);
    await held.seen;
    await handle.cancel({ reason: 'too late' });
    held.release(200);
    return ended(handle);
  },
};

const receivers = [];
async function url(...script) {
  const each = await receiver(...script);
  receivers.push(each);
  return each.url;
}
async function ended(handle) {
  await handle.result();
  return handle;
}
async function in_(handle, state) {
  await reach(handle, state);
  return handle;
}
/** "settling" is true from the first event on; the phase is reached when the timer stands in history. */
async function inTimer(handle) {
  for (;;) {
    const { events } = await client.workflow.getHandle(handle.workflowId).fetchHistory();
    if (events.some((event) => event.timerStartedEventAttributes)) return handle;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
async function cancelled(handle, state) {
  await reach(handle, state);
  await handle.cancel({ reason: 'fixture' });
  return ended(handle);
}

const all = process.argv.includes('--all');
for (const [name, play] of Object.entries(phases)) {
  if (all || !existsSync(`${folder}/${name}.json`)) await save(name, await play());
}
for (const each of receivers) each.close();
worker.shutdown();
await running;
await native.close();
await connection.close();
await server.stop();
process.exit(0);

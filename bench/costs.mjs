/**
 * What a run costs, counted on a real development server: billable actions (the server's own `action` metric), history
 * events, state transitions and history bytes. Counts, not times, so one run is enough. `npm run bench:costs` prints the
 * table and writes it into docs/benchmarks.md.
 */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';

const require = createRequire(import.meta.url);
const { findOrStartTemporal } = require('../dist/temporal-server/find-or-start.js');
const { freePort } = require('../dist/temporal-server/ports.js');
const { MemoryArtifactSource, StaticSecrets } = require('../dist/adapters/index.js');
const { WebhookClient } = require('../dist/client/index.js');
const { SEARCH_ATTRIBUTES } = require('../dist/contract/index.js');
const { createWebhookWorker, LOOPBACK_EGRESS } = require('../dist/worker/index.js');
const sdk = require('@temporalio/client/package.json').version;

const PAGE = 'docs/benchmarks.md';
const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
Runtime.install({ logger: silent });
const metricsPort = await freePort();
const server = await findOrStartTemporal({
  env: process.env,
  onProgress: console.error,
  reuse: false,
  searchAttributes: SEARCH_ATTRIBUTES,
  args: ['--metrics-port', String(metricsPort)],
});
const connection = await Connection.connect({ address: server.address });
const client = new Client({ connection });
const native = await NativeConnection.connect({ address: server.address });
const taskQueue = 'bench-costs';
const artifacts = new MemoryArtifactSource();
const worker = await createWebhookWorker({
  connection: native,
  taskQueue,
  artifacts,
  secrets: new StaticSecrets({ main: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }),
  egress: LOOPBACK_EGRESS,
  logger: silent,
});
const running = worker.run();
const receivers = [];

/** Answers by script, the last of which repeats. */
async function receiver(...script) {
  const http = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(script.length > 1 ? script.shift() : script[0]).end());
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  receivers.push(http);
  return `http://127.0.0.1:${http.address().port}/hook`;
}

async function start(status, urls, options = {}) {
  const call_id = `bench-${randomUUID()}`;
  const value = { status: 'ready', value: 'https://example.com/recording.mp3' };
  const transcript = {
    status: 'ready',
    value: [{ id: 1, user: 'user', text: 'Yes, hi...', created_at: '2025-12-22T10:30:08Z' }],
  };
  artifacts.put(call_id, { recording: value, transcript, summary: { status: 'ready', value: 'Fine.' } });
  const webhooks = new WebhookClient(client, {
    taskQueue,
    settleDelayMs: 1_000,
    retryDelaysMs: [1_000, 1_000, 1_000, 1_000],
    ...options,
  });
  return webhooks.callEnded({
    call_id,
    status,
    phone_number: '+14155551234',
    from_phone_number: '+18005551234',
    call_status: status,
    duration: 2.5,
    created_at: '2025-12-22T10:30:00Z',
    endpoints: urls.map((webhook_url) => ({ webhook_url, secret_ref: 'main' })),
  });
}

async function until(handle, what) {
  for (let turn = 0; turn < 400; turn += 1) {
    if (what(await handle.status())) return handle;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${handle.workflowId} never got there`);
}
const waits = (status) => status.deliveries[0].nextAttemptAt !== undefined;
const long = { retryDelaysMs: [600_000, 1_000, 1_000, 1_000] };

/** What happens → the runs it makes. Each resolves with the handle once the runs have ended. */
const scenarios = {
  'completed call, one endpoint, delivered at once': async () => start('completed', [await receiver(200)]),
  'failed call, delivered at once': async () => start('failed', [await receiver(200)]),
  'completed call, ten endpoints, all delivered at once': async () =>
    start('completed', await Promise.all(Array.from({ length: 10 }, () => receiver(200)))),
  'completed call, delivered at the second attempt': async () => start('completed', [await receiver(503, 200)]),
  'completed call, all five attempts fail': async () => start('completed', [await receiver(500)]),
  'failed call, delivered at the second attempt by retryNow': async () => {
    const handle = await until(await start('failed', [await receiver(503, 200)], long), waits);
    await handle.retryNow();
    return handle;
  },
  'failed call, cancelled by signal after the first attempt': async () => {
    const handle = await until(await start('failed', [await receiver(503)], long), waits);
    await handle.cancel();
    return handle;
  },
  'failed call, gone (410), then redelivered: both runs': async () => {
    const handle = await start('failed', [await receiver(410, 200)]);
    await handle.result();
    await handle.redeliver();
    return handle;
  },
};

/** The counter once it has stood still: the server flushes it once a second. */
async function actions() {
  for (let last = -1; ;) {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('action{') && line.includes('namespace="default"'));
    const sum = lines.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
    if (sum === last) return sum;
    last = sum;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
}

/** Events, transitions and bytes over all runs of the id. */
async function history(workflowId) {
  const sum = { events: 0, transitions: 0, bytes: 0 };
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
    sum.events += Number(raw.workflowExecutionInfo.historyLength);
    sum.transitions += Number(raw.workflowExecutionInfo.stateTransitionCount);
    sum.bytes += Number(raw.workflowExecutionInfo.historySizeBytes);
  }
  return sum;
}

const { serverVersion } = await connection.workflowService.getSystemInfo({});
const rows = [];
for (const [name, play] of Object.entries(scenarios)) {
  const before = await actions();
  const handle = await play();
  const { state } = await handle.result();
  const spent = (await actions()) - before;
  const { events, transitions, bytes } = await history(handle.workflowId);
  rows.push([name, state, spent, events, transitions, (bytes / 1_024).toFixed(1)]);
  console.error(`${name}: ${state}, ${spent} actions, ${events} events`);
}

const table = [
  '| what happens | ends as | actions | events | state transitions | history KiB |',
  '|---|---|---|---|---|---|',
  ...rows.map((row) => `| ${row.join(' | ')} |`),
].join('\n');
writeFileSync(
  PAGE,
  `# What a run costs

Written by \`npm run bench:costs\` (bench/costs.mjs); do not edit. Counts, so the machine does not matter to them. *Actions* are
what Temporal Cloud bills; *state transitions* are what a server of your own spends its time on; events count towards
Temporal's limit of 51,200 per run.

${table}

A call's data, artifacts and body stand in the history, so its size grows with them: about twice the body, and once more the body for
each further endpoint. \`status()\` costs two reads and no action. The gates that keep these numbers are in
\`test/integration/cost.test.ts\`.

Temporal server ${serverVersion}; SDK ${sdk}; Node ${process.version}; ${cpus().length} × ${cpus()[0].model}; ${new Date().toISOString().slice(0, 10)}.
`,
);
console.log(table);
worker.shutdown();
await running;
await native.close();
await connection.close();
for (const http of receivers) {
  http.closeAllConnections();
  http.close();
}
await server.stop();

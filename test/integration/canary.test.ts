/**
 * Secrets and personal data stay where they belong. Canaries go in as secrets, phone number, URL path and query,
 * transcript, metadata and answers of receivers. Then every log line, metric, id, summary, search attribute, failure
 * and row of the runs is searched for them. The histories are searched for the secrets, raw and decoded, in every
 * form of support/canary.ts.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { temporal } from '@temporalio/proto';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { MemoryDeliveryEvents, PostgresDeliveryLog, StaticSecrets } from '../../adapters/index.ts';
import { doctorCommand } from '../../cli/commands/doctor/command.ts';
import { eraseCommand } from '../../cli/commands/erase/command.ts';
import { statusCommand } from '../../cli/commands/status/command.ts';
import { requestCommand } from '../../cli/commands/request/command.ts';
import { freePort } from '../../temporal-server/ports.ts';
import { temporalLogger } from '../../worker/index.ts';
import { pino } from 'pino';
import { aCall, aFailedCall, readyArtifacts } from '../support/builders.ts';
import { sweep, type Place } from '../support/canary.ts';
import { runInProcess } from '../support/in-process-cli.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

const SECRET = 'whsec_Q0FOQVJZLXNlY3JldC1vZi10d2VudHktZm91ci1ieXRlcw==';
/** The secret, its key as text, and the decoded key. */
const SECRETS = [SECRET, SECRET.replace('whsec_', ''), 'CANARY-secret-of-twenty-four-bytes'];
const OLD_SECRET = 'CANARY-previous-secret-of-the-rotation';
const PRIVATE = [
  '+14155550199',
  '4155550199',
  'canary-path',
  'canary-token',
  'canary transcript',
  'canary answer',
  'canary-user',
];

const sdkLines: string[] = [];
let metricsPort: number;
let postgres: TestPostgres;
let log: PostgresDeliveryLog;
let stage: Stage;
let receiver: Receiver;
const told = new MemoryDeliveryEvents();

beforeAll(async () => {
  metricsPort = await freePort();
  postgres = await startPostgres();
  log = new PostgresDeliveryLog({ connectionString: postgres.url, autoMigrate: true });
  const destination = { write: (line: string) => void sdkLines.push(line) };
  const safe = temporalLogger(pino({ level: 'trace' }, destination));
  Runtime.install({
    // At level TRACE the SDK writes whole tasks, and its core whole histories.
    logger: new DefaultLogger('TRACE', ({ level, message, meta }) => safe.log(level, message, meta)),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'TRACE', other: 'WARN' }), forward: {} },
      metrics: { prometheus: { bindAddress: `127.0.0.1:${metricsPort}` } },
    },
  });
  receiver = await startReceiver();
  stage = await openStage({
    address: devServer().address,
    webhooks: { settleDelayMs: 0, retryDelaysMs: [1_000] },
    worker: {
      log,
      secrets: new StaticSecrets({ main: { current: SECRET, previous: [OLD_SECRET] } }),
      deliveryEvents: told,
    },
  });
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
  await log.close();
  await postgres.close();
});

test('no secret, phone number, transcript or URL path leaves the inputs and bodies of its run', async () => {
  const url = `${receiver.url.replace('/webhooks', '/canary-path')}?token=canary-token`;
  const noisy = (status: number) =>
    receiver.answer((response) => {
      response.writeHead(status, { 'x-echo': 'canary answer', 'set-cookie': 'a=canary answer' }).end('canary answer');
    });
  const change = { webhook_url: url, phone_number: '+14155550199', metadata: { note: 'canary-user' } };
  const ids: string[] = [];
  const run = async (call = aCall(change), webhooks = stage.webhooks) => {
    const ready = readyArtifacts();
    const line = { id: 1, user: 'user', text: 'canary transcript', created_at: '2025-12-22T10:30:05Z' };
    stage.artifacts.put(call.call_id, { ...ready, transcript: { status: 'ready', value: [line] } });
    const handle = await webhooks.callEnded(call);
    ids.push(String(handle?.workflowId));
    return handle;
  };
  noisy(200);
  await (await run())?.result();
  noisy(503);
  const failed = await run();
  await failed?.result();
  await failed?.redeliver();
  await failed?.result();
  noisy(410);
  await (await run(aFailedCall({ ...change, error_message: 'canary-user' })))?.result();
  await (await run(aCall({ ...change, secret_ref: 'nobody' })))?.result();
  await (
    await run(aCall({ ...change, webhook_url: 'https://canary-user:canary-token@example.com/canary-path' }))
  )?.result();
  noisy(500);
  const cancelled = await run(aCall(change), stage.webhooksWith({ retryDelaysMs: [600_000] }));
  await waitFor('the first attempt', () => cancelled?.status().then(({ state }) => state === 'retrying'));
  const details = await stage.client.workflow
    .getHandle(String(cancelled?.workflowId))
    .query('__temporal_workflow_metadata');
  await cancelled?.cancel();
  await cancelled?.result();
  expect(receiver.requests.length).toBeGreaterThanOrEqual(7);

  // The SDK's failure of such a run quotes it, and so does the log of the SDK's core.
  const broken = await stage.webhooksWith({ retryDelaysMs: [600_000] }).callEnded(aFailedCall(change));
  await waitFor('the first attempt', () => broken?.status().then(({ state }) => state === 'retrying'));
  await breakBySignal(String(broken?.workflowId), '+14155550199');

  const { rows } = await postgres.pool.query<{ row: string }>(
    'select row_to_json(d)::text as row from topcalls_webhooks.deliveries d',
  );
  const commandEnv = {
    TEMPORAL_ADDRESS: devServer().address,
    TOPCALLS_TASK_QUEUE: stage.taskQueue,
    TOPCALLS_DATABASE_URL: postgres.url,
  };
  const asked = [['--no-probe'], ['--no-probe', '--json'], ['--metrics']];
  const doctor = await Promise.all(asked.map((args) => runInProcess(doctorCommand, args, commandEnv)));
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const requests = await Promise.all(
    ids.flatMap((id) => [[id], [id, '--json']]).map((args) => runInProcess(requestCommand, args, commandEnv)),
  );
  // A dry run: the receipts are the same, and the histories are searched below.
  const receipts = await Promise.all(
    [[], ['--json']].map((args) => runInProcess(eraseCommand, [...ids, ...args], commandEnv)),
  );
  const stuck = await runInProcess(statusCommand, [String(broken?.workflowId)], commandEnv);
  expect(stuck.stdout).toContain('a payload is not valid JSON');
  await stage.client.workflow.getHandle(String(broken?.workflowId)).terminate();
  expect([...requests, ...receipts].map(({ code }) => code)).toEqual(Array(2 * ids.length + 2).fill(0));
  const open: Place[] = [
    { where: 'what was sent', text: requests.map(({ stdout, stderr }) => stdout + stderr).join('\n') },
    { where: 'the status of a run that stands still', text: stuck.stdout + stuck.stderr },
    { where: 'receipts of erasing', text: receipts.map(({ stdout, stderr }) => stdout + stderr).join('\n') },
    { where: 'our log lines', text: JSON.stringify(stage.lines) },
    { where: 'log lines of the SDK', text: sdkLines.join('\n') },
    { where: 'current details', text: JSON.stringify(details) },
    { where: 'rows', text: rows.map(({ row }) => row).join('\n') },
    { where: 'metrics', text: metrics },
    { where: 'events that the host was told', text: JSON.stringify(told.events()) },
    { where: 'the doctor', text: doctor.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n') },
  ];
  const histories: Place[] = [];
  for (const id of ids) {
    const handle = stage.client.workflow.getHandle(id);
    const history = await handle.fetchHistory();
    const json = JSON.parse(historyToJSON(history)) as unknown;
    const description = await handle.describe();
    const words = [await description.staticSummary(), await description.staticDetails()];
    open.push(
      { where: 'workflow ids', text: id },
      { where: 'search attributes', text: JSON.stringify(description.typedSearchAttributes.getAll()) },
      { where: 'summary and details', text: words.join('\n') },
      { where: 'failures and all else of histories', text: outsideBodies(json).join('\n') },
    );
    const raw = Buffer.from(temporal.api.history.v1.History.encode(history).finish());
    histories.push(
      { where: 'raw history', text: raw.toString('latin1') },
      { where: 'decoded history', text: decoded(json).join('\n') },
    );
  }
  expect(sweep(PRIVATE, open)).toEqual([]);
  expect(sweep([...SECRETS, OLD_SECRET], [...open, ...histories])).toEqual([]);

  // The search works: inputs do hold phone numbers, and lines, rows and failures hold hosts and codes.
  expect(sweep(['+14155550199'], histories)).toContain('+14155550199… in raw history');
  expect(sweep(['http_503'], open)).toEqual(
    expect.arrayContaining(['http_503… in our log lines', 'http_503… in rows']),
  );
  expect(sweep(['deliverWebhook', 'webhook_ended{'], open)).toEqual(
    expect.arrayContaining(['deliverWebhook… in metrics', 'webhook_ended{… in metrics']),
  );
  expect(sweep(['http_503'], open)).toContain('http_503… in events that the host was told');
});

/** Sends the run a signal whose input is this text, which is no JSON. Resolves once its workflow task has failed
 *  twice. */
async function breakBySignal(workflowId: string, text: string): Promise<void> {
  const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(text) };
  const codec = { encode: async () => [payload], decode: async (payloads: Payload[]) => payloads };
  const raw = new Client({ connection: stage.client.connection, dataConverter: { payloadCodecs: [codec] } });
  const handle = raw.workflow.getHandle(workflowId);
  await handle.signal('cancel', 'replaced by the codec');
  await waitFor('the failed task', async () => ((await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0) > 2);
}

/** Every text of a history other than inputs and results: ids, summaries, attributes, failures with their details. */
function outsideBodies(node: unknown): string[] {
  if (typeof node === 'string') return [node, ...decodedText(node)];
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'input' || key === 'result' ? [] : outsideBodies(value),
  );
}

/** Every payload of a history, decoded. */
function decoded(node: unknown): string[] {
  if (typeof node === 'string') return decodedText(node);
  if (typeof node !== 'object' || node === null) return [];
  return Object.values(node).flatMap(decoded);
}

function decodedText(text: string): string[] {
  return /^[A-Za-z0-9+/]{4,}={0,2}$/.test(text) ? [Buffer.from(text, 'base64').toString()] : [];
}

/**
 * Secrets and personal data stay where they belong. Canaries go in; every log line, id, summary, search attribute and
 * failure of the runs is searched for them, and every payload for the secret, in plain, hex, base64 and URL-encoded form.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { StaticSecrets } from '../../adapters/index.ts';
import { temporalLogger } from '../../worker/index.ts';
import { pino } from 'pino';
import { aCall, aFailedCall, readyArtifacts } from '../support/builders.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

const SECRET = 'whsec_Q0FOQVJZLXNlY3JldC1vZi10d2VudHktZm91ci1ieXRlcw==';
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
let stage: Stage;
let receiver: Receiver;

beforeAll(async () => {
  const destination = { write: (line: string) => void sdkLines.push(line) };
  const safe = temporalLogger(pino({ level: 'trace' }, destination));
  Runtime.install({ logger: new DefaultLogger('DEBUG', ({ level, message, meta }) => safe.log(level, message, meta)) });
  receiver = await startReceiver();
  stage = await openStage({
    address: devServer().address,
    webhooks: { settleDelayMs: 0, retryDelaysMs: [1_000] },
    worker: { secrets: new StaticSecrets({ main: SECRET }) },
  });
});
afterAll(async () => {
  await stage.close();
  await receiver.close();
});

test('no secret, phone number, transcript or URL path leaves the inputs and bodies of its run', async () => {
  const url = `${receiver.url.replace('/webhooks', '/canary-path')}?token=canary-token`;
  const noisy = (status: number) =>
    receiver.answer((response) => {
      response.writeHead(status, { 'x-echo': 'canary answer', 'set-cookie': 'a=canary answer' }).end('canary answer');
    });
  const change = { webhook_url: url, phone_number: '+14155550199', metadata: { note: 'canary-user' } };
  const ids: string[] = [];
  const run = async (call = aCall(change)) => {
    const ready = readyArtifacts();
    const line = { id: 1, user: 'user', text: 'canary transcript', created_at: '2025-12-22T10:30:05Z' };
    stage.artifacts.put(call.call_id, { ...ready, transcript: { status: 'ready', value: [line] } });
    const handle = await stage.webhooks.callEnded(call);
    ids.push(String(handle?.workflowId));
    return handle;
  };
  noisy(200);
  await (await run())?.result();
  noisy(503);
  await (await run())?.result();
  noisy(410);
  await (await run(aFailedCall({ ...change, error_message: 'canary-user' })))?.result();
  await (await run(aCall({ ...change, secret_ref: 'nobody' })))?.result();
  await (
    await run(aCall({ ...change, webhook_url: 'https://canary-user:canary-token@example.com/canary-path' }))
  )?.result();
  noisy(500);
  const cancelled = await run();
  await waitFor('the first attempt', () => cancelled?.status().then(({ state }) => state === 'retrying'));
  const details = await stage.client.workflow
    .getHandle(String(cancelled?.workflowId))
    .query('__temporal_workflow_metadata');
  await cancelled?.cancel();
  await cancelled?.result();

  expect(receiver.requests.length).toBeGreaterThanOrEqual(5);
  const seen = [JSON.stringify(stage.lines), ...sdkLines, JSON.stringify(details), JSON.stringify(stage.log.records())];
  const payloads: string[] = [];
  for (const id of ids) {
    const handle = stage.client.workflow.getHandle(id);
    const history = JSON.parse(historyToJSON(await handle.fetchHistory())) as unknown;
    const description = await handle.describe();
    seen.push(
      id,
      JSON.stringify(description.typedSearchAttributes.getAll()),
      await description.staticSummary().then(String),
      await description.staticDetails().then(String),
    );
    seen.push(...outsideBodies(history));
    payloads.push(...decoded(history));
  }
  expect(hits(PRIVATE, seen)).toEqual([]);
  expect(hits(formsOf(SECRET), [...seen, ...payloads])).toEqual([]);
  // The search itself finds what is there: phone numbers do stand in inputs, hosts and codes in log lines.
  expect(hits(PRIVATE, payloads)).not.toEqual([]);
  expect(hits(['webhook.attempted', 'http_503'], seen)).toEqual(['webhook.attempted', 'http_503']);
});

function hits(needles: readonly string[], texts: readonly string[]): string[] {
  return needles.filter((needle) => texts.some((text) => text.includes(needle)));
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const key = secret.replace('whsec_', '');
  return [
    secret,
    key,
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    encodeURIComponent(key),
    Buffer.from(key, 'base64').toString(),
  ];
}

/** Every text of a history that is not an input or result: ids, summaries, attributes, failures with their details. */
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

/** The receivers of examples/, each in a process of its own, against requests that our sender made. */
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import { callEndedSchema } from '../../contract/index.ts';
import { NO_ARTIFACTS } from '../../contract/collected-artifacts.ts';
import { judgeArtifacts } from '../../contract/schemas/artifacts.ts';
import { renderCallBody } from '../../contract/render-body.ts';
import { aCall, aFailedCall, readyArtifacts, SECRET } from '../support/builders.ts';
import { builtPackage } from '../support/packed-package.ts';
import { startReceiver, type ReceivedRequest } from '../support/receiver.ts';
import { aDelivery, runActivity } from '../support/run-activity.ts';
import { ROOT } from '../support/source-imports.ts';
import { waitFor } from '../support/wait-for.ts';

type Example = { readonly url: string; said(): string; trouble(): string };

/** Example → the file that runs it, from examples/. */
const EXAMPLES = {
  node: 'receiver-node/receiver.mjs',
  express4: 'receiver-express4/receiver.mjs',
  express5: 'receiver-express5/receiver.mjs',
  fastify: 'receiver-fastify/receiver.mjs',
  hono: 'receiver-hono/receiver.mjs',
  next: 'receiver-next/serve.mjs',
} as const;

/** What Next does with a route file, as far as it matters here: it strips the types and passes a Request. */
const SERVE_NEXT_ROUTE = `
import { serve } from '@hono/node-server';
import { POST } from './route.mjs';
serve({ fetch: (request) => POST(request), port: 0 }, ({ port }) => console.log('listening', port));
`;

/** The examples beside the built package: by its `package.json` they find it under its name. */
let folder: string;
/** One delivery as it went over the wire, to be replayed and tampered with. */
let sent: ReceivedRequest;
const running: ChildProcess[] = [];

const completed = renderCallBody(
  callEndedSchema.parse(aCall({ call_id: 'call-1' })),
  'call.completed',
  collected(),
  1,
).body;
const failed = renderCallBody(
  callEndedSchema.parse(aFailedCall({ call_id: 'call-2' })),
  'call.failed',
  NO_ARTIFACTS,
  1,
).body;

function collected() {
  const { artifacts } = judgeArtifacts(readyArtifacts(), { recording: true, transcript: true, summary: true });
  const { recording, transcript, summary } = artifacts;
  if (recording === undefined || transcript === undefined || summary === undefined) throw new Error('all are ready');
  return { recording, transcript, summary };
}

beforeAll(async () => {
  const built = await builtPackage();
  folder = mkdtempSync(join(tmpdir(), 'receiver-examples-'));
  for (const name of ['dist', 'node_modules']) symlinkSync(join(built, name), join(folder, name));
  for (const name of ['package.json', 'examples']) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  const route = join(folder, 'examples/receiver-next/app/webhooks/call-complete/route.ts');
  const { code } = transformFileSync(route, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'es6' },
  });
  writeFileSync(join(folder, 'examples/receiver-next/route.mjs'), code);
  writeFileSync(join(folder, 'examples/receiver-next/serve.mjs'), SERVE_NEXT_ROUTE);

  const recorder = await startReceiver();
  await deliver(recorder.url, completed);
  sent = await recorder.received(1);
  await recorder.close();
});
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** One attempt by the real activity: resolves with the status that came back. */
async function deliver(url: string, body: string, attempt = 1, webhookId = 'msg_example-1'): Promise<unknown> {
  const { endpoint } = aDelivery(url);
  const input = aDelivery(url, { body, endpoint: { ...endpoint, webhookId } });
  const { value, failure } = await runActivity((own) => own.deliverWebhook(input), { info: { attempt } });
  const [details] = (failure?.details ?? []) as readonly { readonly attempt?: { readonly status?: number } }[];
  return value?.attempt.status ?? details?.attempt?.status;
}

async function replay(url: string, body = sent.body): Promise<{ status: number; said: unknown }> {
  const { 'content-length': _, connection: _connection, host: _host, ...headers } = sent.headers;
  const response = await fetch(url, { method: 'POST', body, headers: headers as Record<string, string> });
  return { status: response.status, said: await response.json() };
}

async function start(file: string): Promise<Example> {
  const child = spawn(process.execPath, [file], {
    cwd: join(folder, 'examples'),
    env: { ...process.env, WEBHOOK_SECRET: SECRET, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let text = '';
  let trouble = '';
  child.stderr?.on('data', (chunk: Buffer) => (trouble += chunk.toString()));
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const port = await waitFor(`${file} to listen`, () => {
    if (child.exitCode !== null) throw new Error(`${file} ended:\n${trouble}`);
    return /^listening (\d+)$/m.exec(text)?.[1];
  });
  return {
    url: `http://127.0.0.1:${port}/webhooks/call-complete`,
    said: () => text.replace(/^.*\n/, ''),
    trouble: () => trouble,
  };
}

describe.each(Object.entries(EXAMPLES))('examples: %s', (name, file) => {
  test('takes what the sender sends, once; refuses what was tampered with; names the parser mistake', async () => {
    const example = await start(file);
    expect(await deliver(example.url, completed)).toBe(200);
    expect(await deliver(example.url, completed, 2)).toBe(200);
    expect(await deliver(example.url, failed, 1, 'msg_example-2')).toBe(200);
    await waitFor('both lines', () => example.said().includes('failed'));
    expect(example.said()).toBe('completed call-1\nfailed call-2\n');

    expect(await replay(example.url)).toEqual({ status: 200, said: { received: true, code: 'duplicate' } });
    const tampered = await replay(example.url, sent.body.replace('"duration":2.5', '"duration":9.5'));
    expect(tampered).toEqual({
      status: 401,
      said: { received: false, code: 'signature_mismatch', fix: expect.stringContaining('webhook-signature') },
    });

    // Nothing parses the body there unless the example does: node:http has no parser, and Next passes the body
    // unread.
    if (name !== 'node' && name !== 'next') {
      const parsed = example.url.replace('call-complete', 'parsed');
      expect(await deliver(parsed, completed, 1, 'msg_example-3')).toBe(500);
      expect(await replay(parsed)).toEqual({
        status: 500,
        said: { received: false, code: 'body_not_raw', fix: expect.stringContaining('express.raw(') },
      });
      // The tampered request is logged as well, before it. The log is another pipe than the answer.
      await waitFor('both lines of the log', () => example.trouble().includes('body_not_raw'));
      expect(example.trouble()).toMatch(
        /^webhook receiver: signature_mismatch [^\n]+\nwebhook receiver: body_not_raw Pass the body's bytes/,
      );
    }
    expect(example.said()).toBe('completed call-1\nfailed call-2\n');
  });

  test('takes a body of a megabyte: a framework’s own limit is raised', async () => {
    const example = await start(file);
    const large = `${completed.slice(0, -1)},"more":"${'x'.repeat(1_200_000)}"}`;
    expect(await deliver(example.url, large)).toBe(200);
  });
});

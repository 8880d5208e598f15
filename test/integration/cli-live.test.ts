/**
 * Commands that are interrupted, run side by side, or stay up: what they leave on a server and a machine that keep
 * running.
 */
import { execFile } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { WebhookClient } from '../../client/index.ts';
import { freePort } from '../../temporal-server/ports.ts';
import { aFailedCall } from '../support/builders.ts';
import { builtCli } from '../support/built-cli.ts';
import { startCli, type LiveCli } from '../support/live-cli.ts';
import { startReceiver } from '../support/receiver.ts';
import { runCli } from '../support/run-cli.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

/** They run side by side. What one starts ends with it, or with the file where it fails. */
const started: LiveCli[] = [];
afterAll(() => Promise.all(started.map((each) => each.interrupt())));

async function start(args: readonly string[], env: NodeJS.ProcessEnv): Promise<LiveCli> {
  const cli = await startCli(args, env);
  started.push(cli);
  return cli;
}

const onSharedServer = (): NodeJS.ProcessEnv => ({ TEMPORAL_ADDRESS: devServer().address });

test.concurrent('two demos play side by side on a server that stays, each with calls of its own', async () => {
  const args = ['demo', '--speed', '300', '--json'];
  const demos = await Promise.all([runCli(args, onSharedServer()), runCli(args, onSharedServer())]);
  expect(demos.map(({ code }) => code)).toEqual([0, 0]);
  const rows = demos.map(({ stdout }) => JSON.parse(stdout) as { workflowId: string; state: string }[]);
  for (const demo of rows) {
    expect(demo.map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered', 'cancelled']);
  }
  expect(new Set(rows.flat().map(({ workflowId }) => workflowId)).size).toBe(8);
});

test.concurrent('Ctrl-C in mid-demo ends its runs and its receiver, leaves the server it found, and exits with 130', async () => {
  const running = await start(['demo', '--speed', '1'], onSharedServer());
  const output = await running.says(/cancelled +attempt 1: HTTP 503/);
  const connection = await Connection.connect({ address: devServer().address });
  const client = new Client({ connection });
  const ids = output.match(/call-webhook\/demo-\w+-\w+/g) ?? [];
  const states = () => Promise.all(ids.map(async (id) => (await client.workflow.getHandle(id).describe()).status.name));
  await waitFor('the end of the one that is delivered at once', async () => (await states()).includes('COMPLETED'));
  expect(await running.interrupt()).toBe(130);

  const [receiver = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
  await expect(fetch(receiver)).rejects.toThrow('fetch failed');
  expect((await states()).toSorted()).toEqual(['COMPLETED', 'TERMINATED', 'TERMINATED', 'TERMINATED']);
  await connection.close();
});

test.concurrent('dev prints a snippet that ends a call as it stands, and Ctrl-C is its normal end', async () => {
  const running = await start(['dev'], onSharedServer());
  const output = await running.says(/Ctrl-C stops everything/);
  const [, script = ''] = /node -e '\n([^']+)'/.exec(output) ?? [];
  // The package is not installed in this tree. What the snippet would load from it was compiled just now.
  const client = join(await builtCli(), '..', '..', 'client', 'index.js');
  const { stdout } = await promisify(execFile)(process.execPath, [
    '-e',
    script.replace('@topcalls/webhooks/client', client),
  ]);
  expect(stdout).toMatch(/^call-webhook\/call-\d+ delivered\n$/);
  await running.says(/receiver: call\.failed of call-\d+, signature valid → 200/);
  expect(await running.interrupt()).toBe(0);
});

test.concurrent('a running worker signs with a changed secrets file, and keeps the old secrets when the file breaks', async () => {
  const taskQueue = `cli-${randomUUID()}`;
  const secretsFile = join(mkdtempSync(join(tmpdir(), 'topcalls-live-')), 'secrets.json');
  writeFileSync(secretsFile, JSON.stringify({ acct_1: 'old-secret' }));
  const receiver = await startReceiver(200);
  const running = await start(['worker'], {
    ...onSharedServer(),
    TOPCALLS_ARTIFACTS_URL: 'none',
    TOPCALLS_DATABASE_URL: 'none',
    TOPCALLS_TASK_QUEUE: taskQueue,
    TOPCALLS_SECRETS_FILE: secretsFile,
    TOPCALLS_EGRESS_ALLOW_HTTP: 'true',
    TOPCALLS_EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
  });
  await running.says(/"fix":"final states are kept in Temporal only.*webhook\.no_log/);
  await running.says(/worker\.ready/);
  writeFileSync(secretsFile, JSON.stringify({ acct_1: { current: 'new-secret', previous: ['old-secret'] } }));
  await running.says(/worker\.secrets_reloaded/);
  writeFileSync(secretsFile, '{ "acct_1": "half');
  await running.says(/worker\.secrets_kept/);

  const connection = await Connection.connect({ address: devServer().address });
  const webhooks = new WebhookClient(new Client({ connection }), { taskQueue, onWarning: () => {} });
  await webhooks.callEnded(aFailedCall({ webhook_url: receiver.url, secret_ref: 'acct_1' }));
  const { body, headers } = await receiver.received(1);
  expect(headers['x-topcalls-signature']).toBe(createHmac('sha256', 'new-secret').update(body).digest('hex'));
  expect(await running.interrupt()).toBe(0);
  await receiver.close();
  await connection.close();
});

test.concurrent('a worker that stops is not ready from the first moment on, and healthy until its attempt in flight has ended', async () => {
  const port = await freePort();
  const taskQueue = `cli-${randomUUID()}`;
  let answer = (): void => {};
  const receiver = await startReceiver((response) => {
    answer = () => response.writeHead(200).end();
  });
  const running = await start(['worker'], {
    ...onSharedServer(),
    TOPCALLS_ARTIFACTS_URL: 'none',
    TOPCALLS_DATABASE_URL: 'none',
    TOPCALLS_TASK_QUEUE: taskQueue,
    TOPCALLS_HEALTH_PORT: String(port),
    TOPCALLS_EGRESS_ALLOW_HTTP: 'true',
    TOPCALLS_EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
  });
  await running.says(/worker\.ready/);
  const probe = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  await waitFor('readiness', async () => (await probe('/readyz')) === 200);
  expect([await probe('/readyz'), await probe('/healthz'), await probe('/')]).toEqual([200, 200, 404]);

  const connection = await Connection.connect({ address: devServer().address });
  const { secret_ref: _unsigned, ...call } = aFailedCall({ webhook_url: receiver.url });
  const webhooks = new WebhookClient(new Client({ connection }), { taskQueue, onWarning: () => {} });
  const handle = await webhooks.callEnded(call);
  await receiver.received(1);
  const exitCode = running.interrupt();
  await running.says(/worker\.stopping/);
  expect([await probe('/readyz'), await probe('/healthz')]).toEqual([503, 200]);
  answer();
  expect(await exitCode).toBe(0);
  expect(running.output()).toMatch(/"verdict":"delivered"/);
  expect((await handle?.status())?.deliveries[0]?.attempts).toHaveLength(1);
  expect(receiver.requests).toHaveLength(1);
  await receiver.close();
  await connection.close();
});

test.concurrent('the doctor reads how many history shards a server has: a development server has one', async () => {
  const env = { ...onSharedServer(), TOPCALLS_DATABASE_URL: 'none' };
  const { stdout } = await runCli(['doctor', '--no-probe', '--json'], env);
  expect(JSON.parse(stdout)).toMatchObject({ server: { seen: { historyShards: 1 } } });
});

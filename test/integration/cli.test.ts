/** The command as a person uses it: demo, setup, worker, and what it says when something is wrong. */
import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { WebhookClient } from '../../client/index.ts';
import { freePort } from '../../temporal-server/ports.ts';
import { aFailedCall } from '../support/builders.ts';
import { startReceiver } from '../support/receiver.ts';
import { startCli } from '../support/live-cli.ts';
import { runCli } from '../support/run-cli.ts';
import { devServer, startOwnServer, temporalCli } from '../support/temporal-server.ts';
import { startArtifactsApi } from '../support/artifacts-api.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

test.concurrent('demo plays four calls on a real server, shows each step and link, ends with 0 and leaves nothing running', async () => {
  // A server of its own: the developer who runs these tests may have one on 7233 without a Web UI.
  const { code, stdout, stderr } = await runCli(['demo', '--speed', '60', '--own-server'], {
    TOPCALLS_TEMPORAL_CLI: temporalCli(),
  });
  expect(stderr).toContain('Web UI');
  expect(code).toBe(0);
  expect(stderr.match(/\/namespaces\/default\/workflows\/call-webhook%2F/g)).toHaveLength(4);
  expect(stderr).toMatch(/failed +receiver: call\.failed, signature valid → 200/);
  expect(stderr).toContain('the summary is not there yet: asked again in 5 s');
  expect(stderr).toMatch(/busy +attempt 3: HTTP 200/);
  expect(stderr).toContain('an operator sends the signal cancel');
  expect(stdout.match(/│ (delivered|cancelled) +│ (delivered|cancelled) +│/g)).toHaveLength(4);
  // Its servers have stopped: nothing listens on the addresses it printed.
  const ports = [...stderr.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port);
  for (const port of new Set(ports)) await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
});

test.concurrent('setup adds what is missing, says nothing to do the second time, and stops at a clashing type', async () => {
  const server = await startOwnServer({ searchAttributes: { WebhookEvent: 'KEYWORD' } });
  const env = { TEMPORAL_ADDRESS: server.address };
  const first = await runCli(['setup', '--json'], env);
  expect([first.code, JSON.parse(first.stdout).added.toSorted()]).toEqual([
    0,
    ['WebhookAccountId', 'WebhookCampaignId', 'WebhookEndpoints', 'WebhookState'],
  ]);
  const second = await runCli(['setup'], env);
  expect(second.code).toBe(0);
  expect(second.stderr).toMatch(/nothing to do/);
  await server.stop();

  const clashing = await startOwnServer({ searchAttributes: { WebhookState: 'INT' } });
  const third = await runCli(['setup'], { TEMPORAL_ADDRESS: clashing.address });
  expect(third.code).toBe(1);
  expect(third.stderr).toContain('WebhookState');
  const after = await runCli(['setup', '--dry-run', '--json'], { TEMPORAL_ADDRESS: clashing.address });
  // Nothing was changed, neither the type that clashes nor the four that are missing.
  expect(after.code).toBe(1);
  expect(JSON.parse(after.stdout)).toMatchObject({
    added: [],
    clashes: [{ name: 'WebhookState', found: 'INT', wanted: 'KEYWORD' }],
  });
  expect(Object.keys(JSON.parse(after.stdout).missing)).toHaveLength(4);
  await clashing.stop();
});

test.concurrent('a worker told to stop with a POST in flight lets it finish: one POST, counted, exit 0', async () => {
  const connection = await Connection.connect({ address: devServer().address });
  const api = await startArtifactsApi();
  const taskQueue = `cli-${randomUUID()}`;
  const receiver = await startReceiver((response) => void setTimeout(() => response.writeHead(200).end(), 2_000));
  const worker = await startWorkerProcess({ address: devServer().address, taskQueue, artifactsUrl: api.url });
  const handle = await new WebhookClient(new Client({ connection }), { taskQueue }).callEnded(
    aFailedCall({ webhook_url: receiver.url }),
  );
  await receiver.received(1);
  expect(await worker.kill('SIGTERM')).toBe(0);
  // The attempt was reported before the worker stopped. Any worker may finish the run.
  const second = await startWorkerProcess({ address: devServer().address, taskQueue, artifactsUrl: api.url });
  expect(await handle?.result()).toMatchObject({
    state: 'delivered',
    deliveries: [{ attempts: [{ number: 1, outcome: 'delivered' }] }],
  });
  expect(receiver.requests).toHaveLength(1);
  await second.kill('SIGTERM');
  await receiver.close();
  await api.close();
  await connection.close();
});

test.concurrent('a worker told to stop while it starts leaves with 0: in a container nobody else would end it', async () => {
  // Accepts the connection and says nothing, so that the worker waits for its server.
  const silent = createServer();
  const port = await new Promise<number>((resolve) => {
    silent.listen(0, '127.0.0.1', () => resolve((silent.address() as AddressInfo).port));
  });
  const asked = new Promise<Socket>((resolve) => silent.once('connection', resolve));
  const worker = await startCli(['worker'], {
    TOPCALLS_ARTIFACTS_URL: 'none',
    TOPCALLS_DATABASE_URL: 'none',
    TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
  });
  const socket = await asked;
  // It exited by itself: a process that a signal ended has no exit code.
  expect(await worker.kill('SIGTERM')).toBe(0);
  socket.destroy();
  silent.close();
});

test.concurrent('wrong environment, a missing namespace and an absent server end with their exit code and one clear line', async () => {
  const env = {
    TOPCALLS_ARTIFACTS_URL: 'none',
    TOPCALLS_DATABASE_URL: 'none',
    TEMPORAL_ADDRESS: devServer().address,
  };
  // A server that is not there is waited for.
  const absent = runCli(['worker'], { ...env, TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` });
  const bad = await runCli(['worker'], {
    ...env,
    TOPCALLS_ARTIFACTS_URL: 'ftp://engine',
    TOPCALLS_HEALTH_PORT: 'many',
  });
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('TOPCALLS_ARTIFACTS_URL');
  expect(bad.stderr).toContain('TOPCALLS_HEALTH_PORT');
  const unchosen = await runCli(['worker'], { ...env, TOPCALLS_DATABASE_URL: '' });
  expect(unchosen.code).toBe(2);
  expect(unchosen.stderr).toContain('TOPCALLS_DATABASE_URL: received nothing; allowed: postgres://');
  expect(unchosen.stderr).toContain("or the word 'none'");
  const missing = await runCli(['worker'], { ...env, TEMPORAL_NAMESPACE: 'nowhere' });
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('nowhere');
  expect(missing.stderr.trim().split('\n')).toHaveLength(1);
  const production = await runCli(['worker'], {
    ...env,
    NODE_ENV: 'production',
    TOPCALLS_EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
  });
  expect(production.code).toBe(2);
  const usage = await runCli(['dmeo']);
  expect(usage.code).toBe(2);
  for (const command of [['worker'], ['db', 'status'], ['status', 'call-1']]) {
    const mistyped = await runCli(command, { ...env, TOPCALLS_DATABSE_URL: 'postgres://localhost/calls' });
    expect(mistyped.code).toBe(2);
    expect(mistyped.stderr).toContain('TOPCALLS_DATABASE_URL, the nearest known name');
  }
  expect((await absent).code).toBe(3);
});

test.concurrent('with --json a command that fails says so as JSON, once; without it stdout stays empty', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const json = await runCli(['status', 'call-1', '--json'], { TEMPORAL_ADDRESS: address });
  const { error } = JSON.parse(json.stdout);
  expect([json.code, error.code]).toEqual([3, 'no_temporal_server']);
  expect(json.stderr.trim()).toBe(`error: ${error.message}`);
  const plain = await runCli(['status', 'call-1'], { TEMPORAL_ADDRESS: address });
  expect([plain.code, plain.stdout, plain.stderr]).toEqual([3, '', json.stderr]);
  const missing = await runCli(['cancel', 'call-1', '--json', '--namespace', 'nope'], {
    TEMPORAL_ADDRESS: devServer().address,
  });
  expect([missing.code, JSON.parse(missing.stdout).error.code]).toEqual([1, 'namespace_not_found']);
  // A doctor that finds trouble has printed its document already.
  const doctor = await runCli(['doctor', '--json', '--no-probe'], { TEMPORAL_ADDRESS: address });
  expect([doctor.code, JSON.parse(doctor.stdout).findings[0].code]).toEqual([3, 'server']);
});

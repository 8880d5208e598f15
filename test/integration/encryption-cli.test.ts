/**
 * Encryption as an operator sets it up: the built worker, the codec server, and Temporal's own command line with it.
 */
import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { afterEach, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { WebhookClient } from '../../client/index.ts';
import { encryptedDataConverter } from '../../codec/index.ts';
import { freePort } from '../../temporal-server/ports.ts';
import { aFailedCall } from '../support/builders.ts';
import { found, rawBytes, ROTATED } from '../support/encrypted.ts';
import { startCli, type LiveCli } from '../support/live-cli.ts';
import { startReceiver } from '../support/receiver.ts';
import { runCli } from '../support/run-cli.ts';
import { devServer, temporalCli } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

const TOKEN = 'a-token-of-more-than-thirty-two-characters';
const running: LiveCli[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((cli) => cli.interrupt()));
});

async function start(args: readonly string[], env: NodeJS.ProcessEnv, says: RegExp): Promise<LiveCli> {
  const cli = await startCli(args, env);
  running.push(cli);
  await cli.says(says);
  return cli;
}

test('the worker says before it polls that its keys are wrong or missing; with them it delivers, and the codec server shows temporal the plain text', async () => {
  const { address } = devServer();
  const taskQueue = `cli-${randomUUID()}`;
  const receiver = await startReceiver(410);
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, dataConverter: encryptedDataConverter(ROTATED) });
  const { secret_ref: _unsigned, ...call } = aFailedCall({ webhook_url: receiver.url, phone_number: '+14155550199' });
  const handle = await new WebhookClient(client, { taskQueue, onWarning: () => {} }).callEnded(call);
  await waitFor('the list', async () => (await client.workflow.count(`TaskQueue = '${taskQueue}'`)).count === 1);

  const env = {
    TEMPORAL_ADDRESS: address,
    TOPCALLS_ARTIFACTS_URL: 'none',
    TOPCALLS_DATABASE_URL: 'none',
    TOPCALLS_TASK_QUEUE: taskQueue,
    TOPCALLS_EGRESS_ALLOW_HTTP: 'true',
    TOPCALLS_EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
  };
  const wrong = JSON.stringify({ ...ROTATED, activeKeyId: 'k9' });
  const refused = await runCli(['worker'], { ...env, TOPCALLS_ENCRYPTION_KEYS: wrong });
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('no key "k9", which activeKeyId names')]);
  const blind = await runCli(['worker'], env);
  expect([blind.code, blind.stderr]).toEqual([
    1,
    expect.stringMatching(/cannot read the open runs.*so it does not start/),
  ]);
  expect(refused.stdout + blind.stdout).not.toContain('worker.ready');

  const keys = { TOPCALLS_ENCRYPTION_KEYS: JSON.stringify(ROTATED) };
  const worker = await start(['worker'], { ...env, ...keys }, /worker\.ready/);
  expect(worker.output()).toContain('"encryptionKeyId":"new"');
  expect(await handle?.result()).toMatchObject({ state: 'gone' });
  // The run's own failure comes from the workflow code. The worker bundled it with the converter that encodes
  // failures.
  const words = ['+14155550199', 'did not take it', '127.0.0.1'];
  const bytes = await rawBytes(client, String(handle?.workflowId));
  expect([found(words, bytes), found(['Encoded failure'], bytes)]).toEqual([[], ['Encoded failure']]);

  const port = await freePort();
  const args = ['codec-server', '--origin', 'http://127.0.0.1:8233', '--port', String(port)];
  const codec = await start(args, { ...keys, TOPCALLS_CODEC_TOKEN: TOKEN }, /codec server: http/);
  expect(codec.output()).not.toContain('warning');
  // By variables, as the page says: other users of a machine can read arguments.
  const show = (token: string) =>
    temporal(
      { TEMPORAL_CODEC_ENDPOINT: `http://127.0.0.1:${port}`, TEMPORAL_CODEC_AUTH: `Bearer ${token}` },
      'workflow',
      'show',
      '--address',
      address,
      '--workflow-id',
      String(handle?.workflowId),
      '--output',
      'json',
      '--command-timeout',
      '100s',
    );
  const shown = await show(TOKEN);
  const decoded = [...shown.matchAll(/"data": "([^"]+)"/g)].map(([, text = '']) =>
    Buffer.from(text, 'base64').toString(),
  );
  expect(decoded.join('\n')).toContain('+14155550199');
  expect(decoded.join('\n')).toContain('did not take it');
  expect(codec.output()).not.toMatch(/14155550199|token-of/);
  await receiver.close();
  await connection.close();
});

function temporal(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env } };
    execFile(temporalCli(), [...args], options, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });
}

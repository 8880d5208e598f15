/** What was sent: the handle and the command tell what a real receiver got. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { requestCommand } from '../../cli/commands/request/command.ts';
import { encryptedDataConverter } from '../../codec/index.ts';
import { Client } from '@temporalio/client';
import { WebhookClient } from '../../client/index.ts';
import { aCall, aFailedCall, readyArtifacts, SECRET } from '../support/builders.ts';
import { sweep } from '../support/canary.ts';
import { ROTATED } from '../support/encrypted.ts';
import { runInProcess, type CommandRun } from '../support/in-process-cli.ts';
import { startReceiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

let stage: Stage;
const env = (more: NodeJS.ProcessEnv = {}) => ({ TEMPORAL_ADDRESS: devServer().address, ...more });

beforeAll(async () => {
  stage = await openStage({ address: devServer().address, webhooks: { settleDelayMs: 0, retryDelaysMs: [1_000] } });
});
afterAll(() => stage.close());

const request = (args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<CommandRun> =>
  runInProcess(requestCommand, args, env(more));

test('what is told is what the receiver got: headers, bytes and hash; the body, URL and secret only where asked', async () => {
  const receiver = await startReceiver(503, 500, 200);
  const url = `${receiver.url}?token=canary-token`;
  const call = aCall({ webhook_url: url, phone_number: '+14155550199' });
  stage.artifacts.put(call.call_id, readyArtifacts());
  const handle = await stage.webhooks.callEnded(call);
  await handle?.result();
  await handle?.redeliver();
  await handle?.result();
  const workflow = stage.client.workflow.getHandle(String(handle?.workflowId));
  await waitFor('both runs in the list', async () => {
    const query = `WorkflowId = '${workflow.workflowId}' AND ExecutionStatus != 'Running'`;
    return (await stage.client.workflow.count(query)).count === 2;
  });

  for (const [cycle, posts] of [
    [1, receiver.requests.slice(0, 2)],
    [2, receiver.requests.slice(2)],
  ] as const) {
    const { code, stdout } = await request([call.call_id, '--json', '--cycle', String(cycle)]);
    expect(code).toBe(0);
    const { body, requests } = JSON.parse(stdout) as { body: { sha256: string }; requests: any[] };
    const [{ headers, unknownHeaders, attempts }] = requests as [any];
    expect(attempts).toHaveLength(posts.length);
    for (const [index, post] of posts.entries()) {
      const told = Object.entries({ ...headers, ...attempts[index].headers });
      const got = new Map(Object.entries(post.headers));
      for (const [name, value] of told) {
        expect([name, got.get(name.toLowerCase())]).toEqual([name, value]);
        got.delete(name.toLowerCase());
      }
      // What it got besides is said not to be known.
      const names = unknownHeaders.map(({ name }: { name: string }) => name.toLowerCase());
      expect([...got.keys()].toSorted()).toEqual(names.toSorted());
      expect(attempts[index]).toMatchObject({ sent: 'yes', bodySha256: body.sha256 });
    }
    const bytes = await request([call.call_id, '--body', '--cycle', String(cycle)]);
    expect(bytes.stdout).toBe(posts[0]?.body);
    expect(
      sweep(['+14155550199', 'canary-token', 'webhooks/call-complete', SECRET], [{ where: 'json', text: stdout }]),
    ).toEqual([]);
  }

  const words = await request([call.call_id]);
  expect(words.stdout).toMatch(/X-TopCalls-Signature: not known;[^]*same hash[^]*curl --globoff/);
  const open = [{ where: 'words', text: words.stdout + words.stderr }];
  expect(sweep(['+14155550199', 'canary-token', 'webhooks/call-complete', SECRET], open)).toEqual([]);
  expect((await request([call.call_id, '--show-url'])).stdout).toContain(`POST ${url}`);

  const file = join(mkdtempSync(join(tmpdir(), 'request-')), 'body.json');
  const { webhookId = '' } = (await handle!.status()).deliveries[0] ?? {};
  expect((await request([webhookId, '--output', file])).code).toBe(0);
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([receiver.requests[0]?.body, 0o600]);

  const { runId } = await workflow.describe();
  expect((await request([runId, '--json'])).stdout).toContain('"cycle": 2');
  const none = await request([call.call_id, '--cycle', '7']);
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('has no cycle 7; the server lists 1, 2')]);
  expect((await request([call.call_id, '--endpoint', 'ep_aaaaaaaaaaaa'])).code).toBe(1);
  expect((await request([call.call_id, '--run', runId, '--cycle', '1'])).code).toBe(2);
  expect((await request([`call-${randomUUID()}`])).code).toBe(1);
  await receiver.close();
});

test('an encrypted run that nobody has taken: without the keys a clear error, with them it says that no body is frozen', async () => {
  const { connection } = stage.client;
  const client = new Client({ connection, dataConverter: encryptedDataConverter(ROTATED) });
  const webhooks = new WebhookClient(client, { taskQueue: `nobody-${randomUUID()}` });
  const handle = await webhooks.callEnded(aFailedCall({ webhook_url: 'https://crm.example.com/hook' }));
  const blind = await request([String(handle?.workflowId)]);
  expect([blind.code, blind.stderr]).toEqual([1, expect.stringMatching(/cannot be read[^]*keys/)]);
  const keys = { TOPCALLS_ENCRYPTION_KEYS: JSON.stringify(ROTATED) };
  const words = await request([String(handle?.workflowId)], keys);
  expect([words.code, words.stdout]).toEqual([0, expect.stringContaining('the body is not frozen yet')]);
  const body = await request([String(handle?.workflowId), '--body'], keys);
  expect([body.code, body.stdout, body.stderr]).toEqual([1, '', expect.stringContaining('not frozen yet')]);
  await client.workflow.getHandle(String(handle?.workflowId)).terminate();
});

/**
 * What was sent: the command tells what a real receiver got. What is erased is gone, from server and log. And the
 * routine that Temporal's Schedules start.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eraseCommand } from '../../cli/commands/erase/command.ts';
import { requestCommand } from '../../cli/commands/request/command.ts';
import { statusCommand } from '../../cli/commands/status/command.ts';
import { setupCommand } from '../../cli/commands/setup/command.ts';
import { ofSchedules } from '../../cli/commands/doctor/judge-schedules.ts';
import { schedulesOf } from '../../cli/commands/doctor/look-at-schedules.ts';
import { maintenanceActivities } from '../../cli/worker/maintenance-activities.ts';
import { sampleRecord } from '../../adapters/conformance/sample-records.ts';
import { PostgresDeliveryLog, StaticSecrets } from '../../adapters/index.ts';
import { encryptedDataConverter } from '../../codec/index.ts';
import { Client } from '@temporalio/client';
import { pino } from 'pino';
import { WebhookClient } from '../../client/index.ts';
import { aCall, aFailedCall, readyArtifacts, SECRET } from '../support/builders.ts';
import { sweep } from '../support/canary.ts';
import { DiskDriver, storedBy } from '../support/disk-storage.ts';
import { ROTATED } from '../support/encrypted.ts';
import { runInProcess, type CommandRun } from '../support/in-process-cli.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startReceiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startOwnServer, type OwnServer } from '../support/temporal-server.ts';
import { waitFor } from '../support/wait-for.ts';

/** A server deletes a run that has just closed after its queues have noted that, by default every 30 s. With 500 ms
 *  a deletion was often put off once more, and took 5 s. */
const QUICK_DELETES = [
  'history.transferProcessorUpdateAckInterval',
  'history.visibilityProcessorUpdateAckInterval',
].flatMap((key) => ['--dynamic-config-value', `${key}="20ms"`]);

/** An external storage, for large payloads alone. */
const disk = new DiskDriver();
const STORING = { externalStorage: storedBy(disk, 10_000) };

// A server of its own: closed runs of other tests must not count.
let server: OwnServer;
let stage: Stage;
let postgres: TestPostgres;
let log: PostgresDeliveryLog;
const env = (more: NodeJS.ProcessEnv = {}) => ({ TEMPORAL_ADDRESS: server.address, ...more });

beforeAll(async () => {
  [server, postgres] = await Promise.all([startOwnServer({ args: QUICK_DELETES }), startPostgres()]);
  log = new PostgresDeliveryLog({ connectionString: postgres.url, autoMigrate: true });
  stage = await openStage({
    address: server.address,
    webhooks: { settleDelayMs: 0, retryDelaysMs: [1_000] },
    worker: {
      log,
      secrets: new StaticSecrets({ main: SECRET }),
      temporal: { activities: maintenanceActivities(log, pino({ level: 'silent' })), dataConverter: STORING },
    },
  });
  besides = stuckAndCampaign();
  besides.catch(() => undefined);
});
afterAll(async () => {
  await stage.close();
  await log.close();
  await postgres.close();
  await server.stop();
  rmSync(disk.folder, { recursive: true });
});

const request = (args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<CommandRun> =>
  runInProcess(requestCommand, args, env(more));

/** Some of the erasing, which begins beside the other tests. */
let besides: Promise<void>;

const erase = (...args: readonly string[]): Promise<CommandRun> =>
  runInProcess(eraseCommand, args, env({ TOPCALLS_DATABASE_URL: postgres.url }));

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
  writeFileSync(file, 'of before', { mode: 0o644 });
  const { webhookId = '' } = (await handle!.status()).deliveries[0] ?? {};
  expect((await request([webhookId, '--output', file])).code).toBe(0);
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([receiver.requests[0]?.body, 0o600]);

  const { runId } = await workflow.describe();
  expect((await request([runId, '--json'])).stdout).toContain('"cycle": 2');
  const none = await request([call.call_id, '--cycle', '7']);
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('has no cycle 7; the server lists 1, 2')]);
  expect((await request([call.call_id, '--endpoint', 'ep_aaaaaaaaaaaa'])).code).toBe(1);
  expect((await request([call.call_id, '--run', runId, '--cycle', '1'])).code).toBe(2);
  expect((await request([call.call_id, '--run', 'nope'])).code).toBe(2);
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
});

test('an account is erased, with redeliveries and what still goes on; others stay, and a second time nothing is left', async () => {
  const receiver = await startReceiver(200);
  const failing = await startReceiver(503);
  const account_id = `acct-${randomUUID()}`;
  const personal = { webhook_url: `${receiver.url}?token=canary-token`, phone_number: '+14155550199' };
  const report = async (change: object, webhooks = stage.webhooks) => {
    const call = aFailedCall({ ...personal, account_id, ...change });
    return { id: call.call_id, handle: (await webhooks.callEnded(call))! };
  };
  const twice = await report({ call_id: `call ${randomUUID()}/é` });
  await twice.handle.result();
  await twice.handle.redeliver({ force: true });
  await twice.handle.result();
  const waiting = await report({ webhook_url: failing.url }, stage.webhooksWith({ retryDelaysMs: [600_000] }));
  const other = await report({ account_id: `${account_id}-other` });
  await other.handle.result();
  await waitFor('the wait', async () => (await waiting.handle.status()).state === 'retrying');
  const counted = async (condition: string) => (await stage.client.workflow.count(condition)).count;
  await waitFor('the list', async () => (await counted(`WebhookAccountId = '${account_id}'`)) === 3);

  const dry = await erase('--account', account_id);
  expect([dry.code, dry.stderr]).toEqual([0, expect.stringContaining('nothing was changed: add --yes')]);
  expect(dry.stdout.split('\n').toSorted()).toEqual([
    expect.stringMatching(
      /^call-webhook\/call%20.*%C3%A9\twould\twould delete 2 runs, 2 log records\t127\.0\.0\.1\tmsg_\S{24}$/,
    ),
    expect.stringContaining('\twould delete 1 run, 1 of which still goes on, 0 log records\t'),
  ]);
  expect((await waiting.handle.status()).state).toBe('retrying');

  const done = await erase('--account', account_id, '--yes', '--json');
  const receipt = JSON.parse(done.stdout);
  // Its beginning, a line for each webhook as it ended, and its end.
  expect(done.stdout.split('\n')).toHaveLength(4);
  expect([done.code, receipt]).toMatchObject([
    0,
    { dryRun: false, erased: 2, failed: 0, account: account_id, left: 0 },
  ]);
  const items = new Map<string, any>(receipt.items.map((item: any) => [item.workflowId, item]));
  expect(items.get(twice.handle.workflowId)).toMatchObject({
    runIds: [expect.any(String), expect.any(String)],
    records: 2,
  });
  // Its cancel was heard: it had recorded its end before its run was deleted.
  expect(items.get(waiting.handle.workflowId)).toMatchObject({ outcome: 'erased', records: 1 });
  expect(
    sweep(
      ['+14155550199', 'canary-token', 'webhooks/call-complete'],
      [{ where: 'receipt', text: done.stdout + done.stderr + dry.stdout }],
    ),
  ).toEqual([]);

  for (const { id, handle } of [twice, waiting]) {
    await expect(handle.status()).rejects.toMatchObject({ code: 'not_found' });
    expect((await log.list({ callId: id })).records).toEqual([]);
  }
  expect(await counted(`WebhookAccountId = '${account_id}'`)).toBe(0);
  expect((await other.handle.status()).state).toBe('delivered');
  expect((await log.list({ callId: other.id })).records).toHaveLength(1);
  const again = await erase('--account', account_id, '--yes');
  expect([again.code, again.stdout, again.stderr]).toEqual([
    0,
    '',
    expect.stringContaining(`nothing found for account ${account_id}`),
  ]);
  const byId = await erase(twice.id, '--yes');
  expect([byId.code, byId.stdout]).toEqual([0, expect.stringContaining('\tnothing\tnothing left')]);

  // Known to the log alone, as after the retention.
  const [record] = (await log.list({ callId: other.id })).records;
  const gone = { ...record!, callId: 'call-of-june', workflowId: 'call-webhook/call-of-june', webhookId: 'msg_june' };
  await log.record(gone);
  expect((await erase('call-of-june', '--yes')).stdout).toContain('deleted 0 runs, 1 log record');
  expect(await log.show('msg_june')).toEqual([]);
  await receiver.close();
  await failing.close();
});

test('a run in its start delay is erased at once; of a run with stored payloads the receipt names what stays', async () => {
  const receiver = await startReceiver(200);
  const account_id = `acct-${randomUUID()}`;
  const delayed = await stage
    .webhooksWith({ settle: 'startDelay', settleDelayMs: 600_000 })
    .callEnded(aCall({ webhook_url: receiver.url, account_id }));
  const storing = new Client({ connection: stage.client.connection, dataConverter: STORING });
  const metadata = Object.fromEntries(Array.from({ length: 40 }, (_none, index) => [`key_${index}`, 'y'.repeat(300)]));
  const big = await new WebhookClient(storing, { taskQueue: stage.taskQueue, settleDelayMs: 0 }).callEnded(
    aFailedCall({ webhook_url: receiver.url, account_id, metadata }),
  );
  expect(await big?.result()).toMatchObject({ state: 'delivered' });
  expect(disk.names().length).toBeGreaterThan(1);

  // Without the storage a command cannot read the run; with the module it can.
  const status = (more: NodeJS.ProcessEnv) =>
    runInProcess(statusCommand, [String(big?.workflowId), '--json'], env(more));
  expect((await status({})).stderr).toContain('a command gets them by TOPCALLS_STORAGE_MODULE');
  const module = join(disk.folder, 'storage.cjs');
  const support = join(__dirname, '../support/disk-storage.ts');
  writeFileSync(
    module,
    `module.exports = (env) => ({ drivers: [new (require('${support}').DiskDriver)(env.TEST_FOLDER)] });`,
  );
  const read = await status({ TOPCALLS_STORAGE_MODULE: module, TEST_FOLDER: disk.folder });
  expect(JSON.parse(read.stdout)).toMatchObject({ state: 'delivered' });
  rmSync(module);

  await waitFor('the list', async () => {
    const { count } = await stage.client.workflow.count(`WebhookAccountId = '${account_id}'`);
    return count === 2;
  });
  const dry = await erase('--account', account_id);
  expect(dry.stdout).toContain('objects stay in the external storage');
  const done = await erase('--account', account_id, '--yes', '--json');
  const { items, notReached } = JSON.parse(done.stdout);
  const of = (id: string | undefined) => items.find((item: any) => item.workflowId === id);
  expect([done.code, of(delayed?.workflowId), of(big?.workflowId)]).toMatchObject([
    0,
    { outcome: 'erased', records: 1, stored: [] },
    { outcome: 'erased', records: 1 },
  ]);
  // Every object that there is, by what the driver finds it with.
  expect(
    of(big?.workflowId)
      .stored.map(({ driver, claim }: any) => [driver, claim.key])
      .toSorted(),
  ).toEqual(
    disk
      .names()
      .toSorted()
      .map((key) => ['disk', key]),
  );
  expect(notReached[0]).toMatch(/^\d objects of your external storage: delete them by their claim/);
  expect(receiver.requests).toHaveLength(1);
  await receiver.close();
});

test('a run that does not end is one line and exit code 1, and the others are erased; campaign events by their id', () =>
  besides);

/** Begins at once: a server takes some seconds to delete a run that has just closed, and several wait side by side. */
async function stuckAndCampaign(): Promise<void> {
  const receiver = await startReceiver(200);
  const call = aFailedCall({ webhook_url: receiver.url });
  const stuck = await stage.webhooksWith({ taskQueue: `nobody-${randomUUID()}` }).callEnded(call);
  const campaign_id = `camp-${randomUUID()}`;
  const campaign = await stage.webhooks.campaignEvent({
    event: 'campaign.started',
    campaign_id,
    name: 'June',
    status: 'running',
    total_leads: 0,
    stats: {},
    created_at: '2025-12-22T10:30:00Z',
    webhook_url: receiver.url,
    secret_ref: 'main',
  });
  await campaign?.result();
  const { code, stdout } = await erase(call.call_id, String(campaign?.workflowId), '--yes', '--wait', '1');
  expect([code, stdout.split('\n')]).toEqual([
    1,
    expect.arrayContaining([
      expect.stringMatching(/\tfailed\trun \S+ was cancelled and has not ended within 1 s, so nothing was deleted/),
      expect.stringContaining(`campaign-webhook/${campaign_id}/campaign.started\terased\tdeleted 1 run, 1 log record`),
    ]),
  ]);
  const handle = stage.client.workflow.getHandle(String(stuck?.workflowId));
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await handle.terminate();
  expect((await erase(call.call_id, '--yes')).stdout).toContain('\terased\tdeleted 1 run');
  expect((await erase()).code).toBe(2);
  expect((await erase(call.call_id, '--account', 'acct-1')).code).toBe(2);
  await receiver.close();
}

const setup = (...args: readonly string[]): Promise<CommandRun> =>
  runInProcess(setupCommand, [...args, '--json'], env({ TOPCALLS_TASK_QUEUE: stage.taskQueue }));
const outcomes = ({ stdout }: CommandRun): readonly string[] =>
  JSON.parse(stdout).schedules.map((each: { outcome: string }) => each.outcome);

/** By default the job begins by itself at each full hour, and may do the work of the run that a test starts. */
const RARELY = ['--reconcile-every', '1000d', '--reconcile-since', '2000d'];

/** Lets the schedule start its job now, and resolves with the run's handle. */
async function triggered(job: 'reconcile' | 'prune') {
  const schedule = stage.client.schedule.getHandle(`topcalls-webhooks/${job}`);
  const before = (await schedule.describe()).info.recentActions.length;
  await schedule.trigger();
  const action = await waitFor('the run', async () => {
    const { recentActions } = (await schedule.describe()).info;
    return recentActions.length > before ? recentActions.at(-1) : undefined;
  });
  return stage.client.workflow.getHandle(action.action.workflow.workflowId);
}

test('setup makes the schedules once, changes what differs, and removes them; their runs record and prune', async () => {
  expect(outcomes(await setup('--maintenance', ...RARELY, '--dry-run'))).toEqual(['would_create', 'would_create']);
  expect(outcomes(await setup('--maintenance', ...RARELY, '--prune-older-than', '90d'))).toEqual([
    'created',
    'created',
  ]);
  expect(outcomes(await setup('--maintenance', ...RARELY, '--prune-older-than', '90d'))).toEqual([
    'unchanged',
    'unchanged',
  ]);
  await stage.client.schedule.getHandle('topcalls-webhooks/prune').pause('a ticket');
  const changed = await setup('--maintenance', ...RARELY, '--prune-older-than', '90d', '--prune-every', '2d');
  expect(JSON.parse(changed.stdout).schedules).toMatchObject([
    { outcome: 'unchanged' },
    { outcome: 'updated', changes: ['every: 1d → 2d'], isPaused: true },
  ]);
  expect(changed.stderr).not.toContain('no worker polls');

  // Ended by force, so its worker recorded nothing; and a row of long ago.
  const waiting = stage.webhooksWith({ settleDelayMs: 600_000 });
  const call = aCall({ webhook_url: 'https://crm.example.com/hook' });
  const workflow = stage.client.workflow.getHandle(String((await waiting.callEnded(call))?.workflowId));
  await workflow.terminate('stuck');
  await waitFor('it in the list', async () => {
    const query = `WorkflowId = '${workflow.workflowId}' AND ExecutionStatus = 'Terminated'`;
    return (await stage.client.workflow.count(query)).count === 1;
  });
  await log.record(sampleRecord({ webhookId: 'msg_old', endedAt: '1980-01-01T00:00:00.000Z' }));

  const reconcile = await triggered('reconcile');
  expect(await reconcile.result()).toMatchObject({ job: 'reconcile', words: expect.stringMatching(/written/) });
  expect((await log.list({ callId: call.call_id })).records).toMatchObject([{ state: 'terminated' }]);
  const description = await reconcile.describe();
  expect([description.type, await description.staticSummary()]).toEqual([
    'webhookMaintenance',
    'reconcile the delivery log',
  ]);
  const details = await reconcile.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(JSON.stringify(details)).toContain('written');

  expect(await (await triggered('prune')).result()).toMatchObject({ job: 'prune', counts: { records: 1 } });
  expect(await log.show('msg_old')).toEqual([]);

  // A run that nobody can read: the list shows the next one red, and its message says what to do.
  const { connection } = stage.client;
  const client = new Client({ connection, dataConverter: encryptedDataConverter(ROTATED) });
  const blind = await new WebhookClient(client, { taskQueue: 'nobody' }).callEnded(aFailedCall());
  await client.workflow.getHandle(String(blind?.workflowId)).terminate();
  await waitFor('it in the list', async () => {
    const query = `WorkflowId = '${blind?.workflowId}' AND ExecutionStatus = 'Terminated'`;
    return (await stage.client.workflow.count(query)).count === 1;
  });
  await expect((await triggered('reconcile')).result()).rejects.toMatchObject({
    cause: {
      type: 'MaintenanceFailed',
      message: expect.stringMatching(/^reconcile: closed runs since .*1 unreadable/),
    },
  });

  // The doctor sees both.
  const judged = await waitFor('the Schedule to know how its run ended', async () => {
    const findings = ofSchedules(await schedulesOf(stage.client), Date.now());
    return findings.length === 2 ? findings : undefined;
  });
  expect(judged.map(({ problem }) => problem)).toEqual([
    expect.stringMatching(/^the Schedule topcalls-webhooks\/reconcile has failed/),
    'the Schedule topcalls-webhooks/prune is paused',
  ]);

  expect(outcomes(await setup('--remove-maintenance', '--dry-run'))).toEqual(['would_remove', 'would_remove']);
  expect(outcomes(await setup('--remove-maintenance'))).toEqual(['removed', 'removed']);
  expect(outcomes(await setup('--remove-maintenance'))).toEqual(['absent', 'absent']);
  // Whoever cannot read a schedule changes nothing about it, and can still remove it.
  const keys = env({ TOPCALLS_ENCRYPTION_KEYS: JSON.stringify(ROTATED) });
  expect((await runInProcess(setupCommand, ['--maintenance'], keys)).code).toBe(0);
  const unread = await setup('--maintenance', ...RARELY, '--prune-every', '3d');
  expect([unread.code, unread.stderr]).toEqual([
    1,
    expect.stringContaining("cannot be read: give the worker's TOPCALLS_"),
  ]);
  expect(outcomes(await setup('--remove-maintenance'))).toEqual(['removed', 'removed']);
  const lonely = await setup('--maintenance', '--task-queue', 'nobody-there', '--dry-run');
  expect(lonely.stderr).toContain('no worker polls the task queue nobody-there now');
});

/** `endpoints`, `stats` and `report` on real runs and a real log: what they tell, and what they never show. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PostgresDeliveryLog } from '../../adapters/index.ts';
import { endpointsCommand } from '../../cli/commands/endpoints/command.ts';
import { reportCommand } from '../../cli/commands/report/command.ts';
import { statsCommand } from '../../cli/commands/stats/command.ts';
import { statusCommand } from '../../cli/commands/status/command.ts';
import { endpointIdOf } from '../../client/delivery-ids.ts';
import { SEARCH_KEYS } from '../../client/start-options.ts';
import { aFailedCall } from '../support/builders.ts';
import { sweep } from '../support/canary.ts';
import { runInProcess } from '../support/in-process-cli.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { untilRetrying } from '../support/until-retrying.ts';
import { waitFor } from '../support/wait-for.ts';

const CANARIES = ['+14155550199', '4155550199', 'canary-path', 'canary-token', 'canary-user', 'canary answer'];
const ACCOUNT = `acct-${randomUUID()}`;
/** Everything that the commands printed. */
const printed: string[] = [];

let postgres: TestPostgres;
let log: PostgresDeliveryLog;
let stage: Stage;
let receiver: Receiver;
const urls = { well: '', down: '' };

beforeAll(async () => {
  postgres = await startPostgres();
  log = new PostgresDeliveryLog({ connectionString: postgres.url, autoMigrate: true });
  receiver = await startReceiver((response) => void response.writeHead(200).end('canary answer'));
  stage = await openStage({
    address: devServer().address,
    webhooks: { retryDelaysMs: [3_600_000] },
    worker: { log },
  });
  urls.well = `${receiver.url}/canary-path?token=canary-token`;
  const down = await startReceiver(503);
  urls.down = `${down.url}/canary-path?token=canary-token`;
  await untilHourLasts(60_000);
  const report = (webhook_url: string, more: object = {}) =>
    stage.webhooks.callEnded(
      aFailedCall({
        call_id: `call-${randomUUID()}`,
        account_id: ACCOUNT,
        phone_number: '+14155550199',
        metadata: { note: 'canary-user' },
        webhook_url,
        ...more,
      }),
    );
  const delivered = await Promise.all([report(urls.well), report(urls.well)]);
  await Promise.all(delivered.map(async (handle) => handle?.result()));
  const both = await report(urls.down, { endpoints: [{ webhook_url: urls.well, secret_ref: 'main' }] });
  const alone = await report(urls.down);
  await waitFor('the waits', async () => {
    const list = `WebhookAccountId = '${ACCOUNT}' AND ExecutionStatus = 'Running' AND WebhookState = 'retrying'`;
    return (await stage.client.workflow.count(list)).count === 2;
  });
  for (const handle of [both, alone]) {
    await untilRetrying(handle);
  }
  await waitFor('three records', async () => (await log.list({ accountId: ACCOUNT })).records.length === 3);
  await down.close();
});
afterAll(async () => {
  for (const { workflowId } of await openRuns()) await stage.client.workflow.getHandle(workflowId).terminate('over');
  await stage.close();
  await receiver.close();
  await log.close();
  await postgres.close();
});

/** Waits for the next hour if this one is nearly over: deliveries of two hours would be two rows of `stats`. */
async function untilHourLasts(ms: number): Promise<void> {
  const leftMs = 3_600_000 - (Date.now() % 3_600_000);
  if (leftMs < ms) await new Promise((resolve) => setTimeout(resolve, leftMs));
}

async function openRuns(): Promise<{ workflowId: string }[]> {
  const query = `WebhookAccountId = '${ACCOUNT}' AND ExecutionStatus = 'Running'`;
  const found: { workflowId: string }[] = [];
  for await (const run of stage.client.workflow.list({ query })) found.push(run);
  return found;
}

type Maker = Parameters<typeof runInProcess>[0];

async function told(command: Maker, args: readonly string[], withLog = true): Promise<string> {
  const env = { TEMPORAL_ADDRESS: devServer().address, ...(withLog ? { TOPCALLS_DATABASE_URL: postgres.url } : {}) };
  const { code, stdout, stderr } = await runInProcess(command, ['--account', ACCOUNT, ...args], env);
  printed.push(stdout, stderr);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return stdout;
}

test('endpoints tells the failing one, since when, with which answer, and when it is tried next', async () => {
  const { endpoints, counts } = JSON.parse(await told(endpointsCommand, ['--json']));
  expect(counts).toMatchObject({ failing: 1, healthy: 1 });
  expect(endpoints).toEqual([
    expect.objectContaining({
      endpointId: endpointIdOf(urls.down),
      host: '127.0.0.1',
      accountId: ACCOUNT,
      state: 'failing',
      since: expect.stringMatching(/^20/),
      lastCode: 'http_503',
      waiting: 2,
      nextAttemptAt: expect.stringMatching(/^20/),
      deliveries: 0,
    }),
    expect.objectContaining({
      endpointId: endpointIdOf(urls.well),
      state: 'healthy',
      lastCode: 'http_200',
      deliveries: 3,
      delivered: 3,
      attempts: 3,
    }),
  ]);
  const words = await told(endpointsCommand, ['--unhealthy']);
  expect(words).toMatch(/^failing since 20\S+Z {2}127\.0\.0\.1\n {2}last answer http_503 at 20/);
  expect(words).not.toContain(endpointIdOf(urls.well));
});

test('endpoints without a log tells from the list what ended', async () => {
  const listed = async () => JSON.parse(await told(endpointsCommand, ['--json'], false));
  await waitFor('the list', async () => (await listed()).endpoints.at(-1)?.deliveries === 2);
  const { endpoints, notes } = await listed();
  expect(endpoints).toMatchObject([
    { state: 'failing', waiting: 2 },
    { state: 'healthy', delivered: 2, host: '127.0.0.1', lastCode: 'http_200' },
  ]);
  expect(notes[0]).toMatch(/^no delivery log is named/);
});

test('stats counts what ended per account, endpoint and hour', async () => {
  for (const by of ['account', 'endpoint', 'hour', 'hour,account', 'reason']) {
    const { groups, stillRunning, terminatedNotInLog } = JSON.parse(await told(statsCommand, ['--by', by, '--json']));
    expect(groups).toMatchObject([
      { deliveries: 3, states: { delivered: 3 }, attempts: 3, lateness: { deliveries: 3 } },
    ]);
    // Of those that still run after a failed attempt the log knows nothing.
    expect(stillRunning?.webhooks).toBe(by === 'reason' ? 2 : undefined);
    expect(terminatedNotInLog).toEqual({ deliveries: 0, isWhole: true });
    if (by === 'reason') expect(stillRunning.reasons).toMatchObject([{ key: 'http_503', states: { retrying: 2 } }]);
  }
  expect(await told(statsCommand, [])).toMatch(/│ 20\S+Z +│ 3 +│ 0 +│ 100\.0 %/);
  expect(await told(statsCommand, ['--by', 'account'])).toMatch(
    /^acct-\S+\n {2}3 delivered {2}100\.0 % {2}3 attempts\s+late p50 /,
  );
});

test('report lists what ended and what runs, once each, as words, JSON, CSV and page', async () => {
  const { totals, deliveries, notes } = JSON.parse(await told(reportCommand, ['--json']));
  expect(notes).toEqual([]);
  expect(totals).toMatchObject({
    deliveries: 5,
    running: 2,
    states: { delivered: 3, retrying: 2 },
    attempts: 5,
    deliveredShare: 1,
    lateness: { deliveries: 5 },
  });
  expect(deliveries.slice(0, 2)).toMatchObject([
    { state: 'retrying', nextAttemptAt: expect.any(String) },
    { state: 'retrying', attempts: [{ code: 'http_503' }] },
  ]);
  expect(await told(reportCommand, [])).toMatch(/retrying {2}call\.failed[\s\S]* {2}delivered {2}call\.failed/);
  const csv = (await told(reportCommand, ['--csv'])).split('\n');
  expect(csv).toHaveLength(6);
  const page = await told(reportCommand, ['--html']);
  expect(page.match(/<article/g)).toHaveLength(5);
  expect(page).toContain(`Webhooks of account ${ACCOUNT}`);
  const one = JSON.parse(await told(reportCommand, ['--endpoint', urls.down, '--limit', '1', '--json']));
  expect(one).toMatchObject({ endpointId: endpointIdOf(urls.down), deliveries: [{ state: 'retrying' }] });
  expect(one.notes[0]).toMatch(/^there are more than 1 deliveries/);
});

test('a report without a log reads the runs, and tells the same', async () => {
  const without = JSON.parse(await told(reportCommand, ['--json'], false));
  expect(without.totals).toMatchObject({ deliveries: 5, running: 2, states: { delivered: 3, retrying: 2 } });
  const whom = await runInProcess(reportCommand, [], { TEMPORAL_ADDRESS: devServer().address });
  expect([whom.code, whom.stderr]).toEqual([2, expect.stringContaining('Give --account or --endpoint')]);
});

test('status --html is the timeline of one run, open or closed', async () => {
  const query = `WebhookAccountId = '${ACCOUNT}'`;
  for await (const { workflowId, status: run } of stage.client.workflow.list({ query })) {
    const env = { TEMPORAL_ADDRESS: devServer().address };
    const { code, stdout } = await runInProcess(statusCommand, [workflowId, '--html'], env);
    printed.push(stdout);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/<article class="(well|open)">/)]);
    expect(stdout).toContain(run.name === 'RUNNING' ? 'Next attempt' : '✔ delivered');
  }
});

test('a run that nobody can read is counted, and hides no other', async () => {
  const poisoned = { event: 'call.failed', call: {}, endpoints: [{ endpointId: endpointIdOf(urls.down) }] };
  const typedSearchAttributes = [
    { key: SEARCH_KEYS.state, value: 'retrying' },
    { key: SEARCH_KEYS.accountId, value: ACCOUNT },
    { key: SEARCH_KEYS.endpoints, value: [endpointIdOf(urls.down)] },
  ];
  const workflowId = `call-webhook/${randomUUID()}`;
  const options = { workflowId, taskQueue: 'nobody', args: [poisoned], typedSearchAttributes };
  await stage.client.workflow.start('callWebhook', options);
  const listed = async () => JSON.parse(await told(endpointsCommand, ['--json']));
  await waitFor('the list', async () => (await listed()).sample.unreadable === 1);
  const { endpoints, notes } = await listed();
  expect(endpoints[0]).toMatchObject({ state: 'failing', waiting: 3, lastCode: 'http_503' });
  expect(notes.join()).toContain('1 run could not be read');
  const { totals, notes: left } = JSON.parse(await told(reportCommand, ['--json']));
  expect([totals.deliveries, left.join()]).toEqual([5, expect.stringContaining('1 run could not be read')]);
});

test('a terminated run is in the report before anybody reconciles, and stats says that the log lacks it', async () => {
  const well = endpointIdOf(urls.well);
  const query = `WebhookAccountId = '${ACCOUNT}' AND ExecutionStatus = 'Running' AND WebhookEndpoints = '${well}'`;
  const both: string[] = [];
  for await (const { workflowId } of stage.client.workflow.list({ query })) both.push(workflowId);
  expect(both).toHaveLength(1);
  await stage.client.workflow.getHandle(both.join()).terminate('canary-user');
  const asked = async () => JSON.parse(await told(statsCommand, ['--by', 'reason', '--json'])).terminatedNotInLog;
  // Its delivery to the other endpoint is in the log, and counts once.
  await waitFor('the list', async () => (await asked()).deliveries === 1);
  const { totals, deliveries } = JSON.parse(await told(reportCommand, ['--json']));
  expect(totals).toMatchObject({ deliveries: 5, running: 1, states: { delivered: 3, retrying: 1, terminated: 1 } });
  expect(deliveries.map(({ state }: { state: string }) => state).slice(0, 2)).toEqual(['retrying', 'terminated']);
});

test('no secret, phone number, URL path or query is in any of it', () => {
  expect(printed.join('').length).toBeGreaterThan(2_000);
  expect(sweep(CANARIES, [{ where: 'the commands', text: printed.join('\n') }])).toEqual([]);
});

/** `npm run verify-languages`: the examples in other languages report to a real server. See the README beside it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@temporalio/client';
import { callReports, WebhookClient, type CallEnded } from '../../../client/index.ts';
import { DEFAULT_TASK_QUEUE } from '../../../contract/index.ts';
import { aCallTo, readyArtifacts } from '../../support/builders.ts';
import { startReceiver } from '../../support/receiver.ts';
import { runScript, type Closers } from '../../support/run-script.ts';
import { openOwnStage } from '../../support/stage.ts';
import { waitFor } from '../../support/wait-for.ts';
import { buildExample, LANGUAGES, startDriver, type Driver, type End } from './driver.ts';

type OwnStage = Awaited<ReturnType<typeof openOwnStage>>;

/** A namespace where only the TypeScript client reports. Nobody works there. */
const APART = 'apart';

/** The answers have the warnings, too. */
const QUIET = (): void => {};

async function main(closers: Closers): Promise<void> {
  const began = Date.now();
  const say = (words: string): void =>
    console.log(`${((Date.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${words}`);
  const folder = mkdtempSync(join(tmpdir(), 'languages-'));
  closers.push(async () => rmSync(folder, { recursive: true, force: true }));
  await Promise.all(
    LANGUAGES.map(async (language) => {
      await buildExample(language, join(folder, language));
      say(`${language} is built`);
    }),
  );

  const stage = await openOwnStage({
    taskQueue: DEFAULT_TASK_QUEUE,
    webhooks: { settleDelayMs: 0, onWarning: QUIET },
    worker: { reports: callReports({ settleDelayMs: 0 }) },
    server: { args: ['--namespace', APART] },
  });
  closers.push(() => stage.close());
  const drivers = await Promise.all(
    LANGUAGES.map(async (language) => {
      const driver = await startDriver(language, join(folder, language), stage.server.address);
      closers.push(driver.stop);
      return driver;
    }),
  );
  say(`their workers run, beside ours (Temporal server of ${stage.server.how})`);

  await fiftyAtOnce(stage, drivers);
  say('50 reports at once out of three languages: one run, with the webhook ids that the TypeScript client gives');
  await countedForTheirAccount(stage);
  say("each report has its account's fairness key");
  await refusals(stage, drivers);
  say('what the client refuses fails in each language at once, with its class and words');
  await withoutWorkflow(stage, folder);
  say('temporal activity execute reports without a workflow, and ends with 1 where the report is refused');
}

/** Two endpoints, a campaign, and data that has to be repaired. */
async function reportedCall(): Promise<{ readonly call: CallEnded; readonly receivers: readonly Receiver[] }> {
  const receivers = await Promise.all([startReceiver(), startReceiver()]);
  const endpoints = receivers.map(({ url }) => ({ webhook_url: url, secret_ref: 'main' }));
  const odd = { duration: '2.5', created_at: '2025-12-22 10:30:00+00', lead_id: 17 } as never;
  return { call: aCallTo(endpoints, { account_id: 'acct_1', ...(odd as object) }), receivers };
}

type Receiver = Awaited<ReturnType<typeof startReceiver>>;

async function fiftyAtOnce(stage: OwnStage, drivers: readonly Driver[]): Promise<void> {
  const { call, receivers } = await reportedCall();
  stage.artifacts.put(call.call_id, readyArtifacts());
  const counts = [17, 17, 16];
  const all = await Promise.all(drivers.map((driver, index) => driver.ask({ call, count: counts[index] ?? 0 })));
  const ends = all.flat();
  assert.equal(ends.length, 50);

  const expected = await byTypeScriptAlone(stage, call);
  for (const end of ends) {
    assert.deepEqual({ workflowId: end['workflowId'], webhooks: end['webhooks'] }, expected);
    assert.equal(end['subscribed'], true);
    assert.equal(end['reportedDifferently'], null);
    const fields = (end['warnings'] as readonly { readonly field?: string }[]).map(({ field }) => field);
    assert.deepEqual(new Set(fields), new Set(['created_at', 'duration', 'lead_id']));
  }
  assert.equal(ends.filter((end) => end['alreadyReported'] === false).length, 1, 'one report started the run');

  const handle = await stage.webhooks.callEnded(call);
  assert.equal(handle?.alreadyReported, true);
  assert.equal(handle?.reportedDifferently, undefined, 'the TypeScript client would have started the same run');
  const result = await handle.result();
  assert.equal(result.state, 'delivered');
  const sent = receivers.flatMap(({ requests }) => requests.map(({ headers }) => headers['webhook-id']));
  assert.equal(sent.length, receivers.length, 'each endpoint got one POST');
  assert.deepEqual(new Set(sent), new Set(expected.webhooks.map(({ webhookId }) => webhookId)));
  const list = `WorkflowId = '${expected.workflowId}'`;
  const counted = await waitFor('the list', async () => (await stage.client.workflow.count(list)).count);
  assert.equal(counted, 1);
  await Promise.all(receivers.map((receiver) => receiver.close()));
}

/** Limits per account count activities by their fairness key. */
async function countedForTheirAccount({ client }: OwnStage): Promise<void> {
  const list = "WorkflowType = 'EndCall'";
  await waitFor('fifty in the list', async () => (await client.workflow.count(list)).count >= 50);
  const keys = new Map<string, Set<string>>();
  for await (const { workflowId, runId, taskQueue } of client.workflow.list({ query: list })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const ofQueue = keys.get(taskQueue) ?? new Set();
    for (const { activityTaskScheduledEventAttributes: report } of events ?? [])
      if (report) ofQueue.add(report.priority?.fairnessKey ?? '');
    keys.set(taskQueue, ofQueue);
  }
  const each = LANGUAGES.map((language) => [`engine-${language.toLowerCase()}`, new Set(['acct_1'])] as const);
  assert.deepEqual(keys, new Map(each));
}

/** What the TypeScript client makes of the call where nobody else reports. */
async function byTypeScriptAlone({ client }: OwnStage, call: CallEnded) {
  const apart = new Client({ connection: client.connection, namespace: APART });
  const handle = await new WebhookClient(apart, {
    startTimeoutMs: 60_000,
    searchAttributes: false,
    onWarning: QUIET,
  }).callEnded(call);
  assert.equal(handle?.alreadyReported, false);
  return { workflowId: handle.workflowId, webhooks: handle.webhooks ?? [] };
}

async function refusals(stage: OwnStage, drivers: readonly Driver[]): Promise<void> {
  const { call } = await reportedCall();
  await stage.webhooks.callEnded(call);
  for (const { ask } of drivers) {
    const [unreadable] = await ask({ call: { callId: 'c1', status: 'completed' }, count: 1 });
    refused(unreadable, 'InvalidInputError', 'callId is no field, call_id is');
    const [foreign] = await ask({ call: { ...call, account_id: 'acct_2' }, count: 1 });
    refused(foreign, 'IdOfAnotherAccountError', call.call_id);
  }
}

function refused(end: End | undefined, type: string, words: string): void {
  assert.deepEqual({ type: end?.['type'], nonRetryable: end?.['nonRetryable'] }, { type, nonRetryable: true });
  assert.ok(String(end?.['message']).includes(words), String(end?.['message']));
}

async function withoutWorkflow({ server, webhooks }: OwnStage, folder: string): Promise<void> {
  const { call } = await reportedCall();
  const file = join(folder, 'call.json');
  const execute = async (input: object, id: string): Promise<{ readonly stdout: string }> => {
    writeFileSync(file, JSON.stringify(input));
    const options = ['--activity-id', id, '--start-to-close-timeout', '30s', '--input-file', file, '-o', 'json'];
    const where = ['--address', server.address, '--type', 'reportCall', '--task-queue', DEFAULT_TASK_QUEUE];
    where.push('--fairness-key', 'acct_1');
    return promisify(execFile)(server.cliPath ?? 'temporal', ['activity', 'execute', ...where, ...options]);
  };
  const { stdout } = await execute(call, `report/${call.call_id}`);
  assert.ok(stdout.includes(`call-webhook/${call.call_id}`), stdout);
  assert.equal((await webhooks.callEnded(call))?.alreadyReported, true);
  const failed = await execute({ hello: 1 }, 'report/nothing').then(
    () => assert.fail('a report of nothing succeeded'),
    (error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => error,
  );
  assert.equal(failed.code, 1);
  assert.ok(`${failed.stdout}${failed.stderr}`.includes('call_id: missing'), `${failed.stdout}${failed.stderr}`);
}

void runScript(main);

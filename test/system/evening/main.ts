/**
 * `npm run evening`: an evening as an operator finds it, for practice with docs/operate.md. A real server, PostgreSQL,
 * two workers, 150 calls to ten kinds of receivers; workers are killed, runs are terminated, cancelled and reset, and
 * the database was away for a while. It stays until Ctrl-C, and prints the environment for the commands.
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallEnded } from '../../../contract/index.ts';
import { PostgresDeliveryLog } from '../../../adapters/index.ts';
import { catchInterrupts } from '../../../cli/process/interrupts.ts';
import type { WebhookHandle } from '../../../client/index.ts';
import { freePort } from '../../../temporal-server/ports.ts';
import { startArtifactsApi } from '../../support/artifacts-api.ts';
import { aCall, aFailedCall, SECRET } from '../../support/builders.ts';
import { startCli, type LiveCli } from '../../support/live-cli.ts';
import { startPostgres } from '../../support/postgres.ts';
import { startReceiver, type Answer } from '../../support/receiver.ts';
import { runScript, type Closers } from '../../support/run-script.ts';
import { openOwnStage, type Stage } from '../../support/stage.ts';
import { waitFor } from '../../support/wait-for.ts';
import { EVENING_HELP, howToGoOn, readEvening } from './options.ts';

const TASK_QUEUE = 'topcalls-webhooks';
const CALLS = 150;
const ACCOUNTS = ['acct_amber', 'acct_birch', 'acct_cedar'] as const;
const OUTAGE_MS = 20_000;

const later =
  (ms: number, status: number): Answer =>
  (response) =>
    void setTimeout(() => response.writeHead(status).end(), ms).unref();

/** The kinds of receivers, by name. `missing` has nobody who listens. */
const KINDS = {
  good: [200],
  slow: [later(3_000, 200)],
  once_bad: [503, 200],
  broken: [500],
  gone: [410],
  silent: [() => {}],
  busy: [(response) => response.writeHead(429, { 'retry-after': '900' }).end()],
  moved: [(response) => response.writeHead(301, { location: 'https://elsewhere.example.com/' }).end()],
  unauthorized: [401],
} satisfies Readonly<Record<string, readonly Answer[]>>;

async function main(closers: Closers): Promise<number> {
  if (readEvening(process.argv.slice(2)) === 'help') {
    process.stdout.write(EVENING_HELP);
    return 0;
  }
  const { interrupted, release } = catchInterrupts();
  closers.push(async () => release());
  const postgres = await startPostgres();
  closers.push(() => postgres.close());
  const log = new PostgresDeliveryLog({ connectionString: postgres.url });
  closers.push(() => log.close());
  await log.migrate();
  const api = await startArtifactsApi();
  closers.push(() => api.close());
  // Short ladders for most, so that the evening does not take one of 81 minutes.
  const stage = await openOwnStage({
    taskQueue: TASK_QUEUE,
    worker: false,
    server: { ui: true },
    webhooks: { settleDelayMs: 5_000, retryDelaysMs: [2_000, 4_000], startTimeoutMs: 60_000 },
  });
  closers.push(() => stage.close());
  const folder = mkdtempSync(join(tmpdir(), 'evening-'));
  closers.push(async () => rmSync(folder, { recursive: true, force: true }));
  const secretsFile = join(folder, 'secrets.json');
  writeFileSync(secretsFile, JSON.stringify(Object.fromEntries(ACCOUNTS.map((name) => [name, SECRET]))));
  const ports = [await freePort(), await freePort()] as const;
  const env = {
    TEMPORAL_ADDRESS: stage.server.address,
    TOPCALLS_DATABASE_URL: postgres.url,
    TOPCALLS_SECRETS_FILE: secretsFile,
    TOPCALLS_TASK_QUEUE: TASK_QUEUE,
    // Only workers need them. A person may start one, and `worker --check` wants them, too.
    TOPCALLS_ARTIFACTS_URL: api.url,
    TOPCALLS_EGRESS_ALLOW_HTTP: 'true',
    TOPCALLS_EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
  };
  const logFile = join(folder, 'workers.log');
  const startWorker = async (metricsPort: number): Promise<LiveCli> => {
    const worker = await startCli(['worker'], {
      ...env,
      TOPCALLS_METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
    });
    worker.follow((piece) => appendFileSync(logFile, piece));
    closers.push(() => worker.kill('SIGTERM'));
    await worker.says(/worker\.ready/);
    return worker;
  };
  const first = await startWorker(ports[0]);
  const urls = await receivers(closers);
  say(`${CALLS} calls to ${urls.length} receivers`);
  const handles = await report(stage, urls, 0, CALLS / 2);
  await first.kill('SIGKILL');
  say('a worker was killed');
  const second = await startWorker(ports[1]);
  await postgres.stop();
  say(`the database is away for ${OUTAGE_MS / 1_000} s`);
  handles.push(...(await report(stage, urls, CALLS / 2, CALLS)));
  await delay(OUTAGE_MS);
  await postgres.start();
  await meddle(stage, handles, urls);
  await waitFor('most runs to end', async () => (await open(stage)) < CALLS / 3, 180_000);
  const ended = await first.kill('SIGKILL');
  say(`ready; the first worker ended with ${ended ?? 'SIGKILL'}, the second works on`);
  const { webUiUrl = 'none' } = stage.server;
  const metrics = `127.0.0.1:${ports[1]}`;
  process.stdout.write(howToGoOn({ env, webUiUrl, metrics, logFile, workerPid: second.pid }));
  await interrupted;
  return 0;
}

async function receivers(closers: Closers): Promise<string[]> {
  const started = await Promise.all(Object.values(KINDS).map((answers) => startReceiver(...answers)));
  closers.push(() => Promise.all(started.map((receiver) => receiver.close())));
  const named = Object.keys(KINDS).map((kind, index) => `${started[index]?.url}?kind=${kind}`);
  return [...named, `http://127.0.0.1:${await freePort()}/hook?kind=missing`];
}

async function report(stage: Stage, urls: readonly string[], from: number, to: number): Promise<WebhookHandle[]> {
  const long = stage.webhooksWith({ retryDelaysMs: [60_000, 300_000, 900_000, 3_600_000] });
  const handles: WebhookHandle[] = [];
  for (let index = from; index < to; index += 1) {
    const change = {
      call_id: `call-${index + 1}`,
      account_id: ACCOUNTS[index % ACCOUNTS.length] ?? '',
      webhook_url: urls[index % urls.length] ?? '',
      campaign_id: index % 4 === 0 ? 'camp_autumn' : null,
      // One reference is unknown.
      ...(index % 30 === 29 ? { secret_ref: 'acct_unknown' } : {}),
    };
    const { secret_ref: _main, ...call }: CallEnded = index % 3 === 0 ? aCall() : aFailedCall();
    const handle = await (index % 5 === 0 ? long : stage.webhooks).callEnded({ ...call, ...change });
    if (handle !== undefined) handles.push(handle);
  }
  return handles;
}

/** What people do to runs of an evening. */
async function meddle(stage: Stage, handles: readonly WebhookHandle[], urls: readonly string[]): Promise<void> {
  const { workflow } = stage.client;
  const others = stage.webhooksWith({ retryDelaysMs: [600_000, 600_000] });
  const broken = urls[Object.keys(KINDS).indexOf('broken')] ?? '';
  const more = await Promise.all(
    Array.from({ length: 9 }, (_, index) =>
      others.callEnded({
        ...aFailedCall(),
        call_id: `late-${index + 1}`,
        account_id: ACCOUNTS[0],
        secret_ref: ACCOUNTS[0],
        webhook_url: broken,
      }),
    ),
  );
  await waitFor('the late calls', async () => {
    const states = await Promise.all(more.map(async (handle) => (await handle?.status())?.state));
    return states.every((state) => state === 'retrying');
  });
  for (const handle of more.slice(0, 3)) await workflow.getHandle(handle?.workflowId ?? '').terminate('a wrong number');
  for (const handle of more.slice(3, 6)) await handle?.cancel({ reason: 'the customer asked' });
  const [reset] = handles;
  const run = workflow.getHandle(reset?.workflowId ?? '');
  await reset?.result();
  const { runId } = await run.describe();
  await stage.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: run.workflowId, runId },
    reason: 'practice',
    workflowTaskFinishEventId: { low: 4, high: 0, unsigned: false } as never,
    requestId: 'evening',
  });
  say('3 runs terminated, 3 cancelled, 1 reset');
}

async function open(stage: Stage): Promise<number> {
  return (await stage.client.workflow.count("ExecutionStatus = 'Running'")).count;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

void runScript(main);

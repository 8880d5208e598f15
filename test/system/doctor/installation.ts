/**
 * One installation for the doctor to look at: a development server, PostgreSQL, a worker in a process of its own, and
 * receivers. Everything in it can be broken and made whole again.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { PostgresDeliveryLog } from '../../../adapters/index.ts';
import { doctorCommand } from '../../../cli/commands/doctor/command.ts';
import { WebhookClient, type CallEnded, type WebhookHandle } from '../../../client/index.ts';
import { sweep } from '../../support/canary.ts';
import { aFailedCall, SECRET } from '../../support/builders.ts';
import { runInProcess } from '../../support/in-process-cli.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { startProcess, typescript, untilReady, type RunningProcess } from '../../support/processes.ts';
import { startReceiver, type Answer, type Receiver } from '../../support/receiver.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { startOwnServer, type OwnServer } from '../../support/temporal-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startProxy, type Proxy } from '../soak/tcp-proxy.ts';

/** What must never be in what the doctor says. */
export const PRIVATE = [SECRET, '+14155550199', 'canary-path', 'canary-token', 'canary-note', 'hush'];
const CALL: Partial<CallEnded> = { phone_number: '+14155550199', metadata: { note: 'canary-note' } };
/** The second attempt never comes within a play. */
const LONG_MS = 3_600_000;

/** What the doctor said. `codes`: of its findings, sorted, each once. */
export type Said = { readonly code: number; readonly codes: readonly string[]; readonly text: string };

export type Installation = {
  readonly server: OwnServer;
  readonly postgres: TestPostgres;
  /** Between the worker and PostgreSQL. The doctor goes past it. */
  readonly logProxy: Proxy;
  readonly client: Client;
  readonly log: PostgresDeliveryLog;
  readonly secretsFile: string;
  readonly taskQueue: string;
  webhooks(options?: { readonly taskQueue?: string; readonly retryDelaysMs?: number[] }): WebhookClient;
  /** Reports a call to a receiver that answers so. */
  call(answer: Answer, webhooks?: WebhookClient): Promise<WebhookHandle>;
  /** The worker that runs now. */
  worker(): RunningProcess;
  startWorker(change?: NodeJS.ProcessEnv): Promise<void>;
  switch(port: 'secrets', isBroken: boolean): void;
  /** Asks the doctor. `env` changes its environment. Rejects if it says something private. */
  doctor(env?: NodeJS.ProcessEnv, args?: readonly string[]): Promise<Said>;
  env: NodeJS.ProcessEnv;
  /** Ends every open run and records what the log lacks. Resolves once nothing is open and a call is delivered. */
  heal(): Promise<void>;
};

/** Opens it in the run's folder, with one worker. `serverArgs` go to the development server. */
export async function openInstallation(
  run: SystemRun,
  {
    name,
    binary,
    bundle,
    serverArgs = [],
  }: {
    readonly name: string;
    readonly binary: string;
    readonly bundle: string;
    readonly serverArgs?: readonly string[];
  },
): Promise<Installation> {
  const { folder, closers, say } = run;
  const dbFile = join(folder, `${name}.db`);
  say(`${name}: a server, PostgreSQL and a worker`);
  const server = await startOwnServer({ binary, dbFile, args: serverArgs });
  closers.push(() => server.stop());
  const postgres = await startPostgres();
  closers.push(() => postgres.close());
  const logProxy = await startProxy(() => `127.0.0.1:${postgres.port}`);
  closers.push(() => logProxy.close());
  const log = new PostgresDeliveryLog({ connectionString: postgres.url });
  closers.push(() => log.close());
  await log.migrate();
  const secretsFile = join(folder, `${name}-secrets.json`);
  writeFileSync(secretsFile, JSON.stringify({ main: SECRET }), { mode: 0o600 });
  const connection = await Connection.connect({ address: server.address });
  closers.push(() => connection.close());
  const client = new Client({ connection });
  const taskQueue = `${name}-webhooks`;
  const switches = folder;
  const receivers = new Map<Answer, Receiver>();
  let worker: RunningProcess | undefined;
  let count = 0;

  const env: NodeJS.ProcessEnv = {
    HOME: folder,
    TEMPORAL_ADDRESS: server.address,
    TOPCALLS_TASK_QUEUE: taskQueue,
    TOPCALLS_DATABASE_URL: postgres.url,
    TOPCALLS_SECRETS_FILE: secretsFile,
  };
  const startWorker = async (change: NodeJS.ProcessEnv = {}): Promise<void> => {
    count += 1;
    const started = startProcess(run, `${name}-worker-${count}`, typescript(join(__dirname, 'worker-process.ts')), {
      env: {
        PATH: process.env['PATH'],
        ADDRESS: server.address,
        TASK_QUEUE: taskQueue,
        DATABASE_URL: postgres.url.replace(`:${postgres.port}/`, `:${logProxy.address.split(':')[1]}/`),
        SWITCHES: switches,
        BUNDLE: bundle,
        ...change,
      },
    });
    worker = started;
    await untilReady(started, () => started.log().includes('ready'));
  };
  const webhooks: Installation['webhooks'] = (options = {}) =>
    new WebhookClient(client, {
      taskQueue,
      settleDelayMs: 0,
      retryDelaysMs: [LONG_MS],
      startTimeoutMs: 20_000,
      ...options,
    });
  const call: Installation['call'] = async (answer, through = webhooks()) => {
    const receiver = receivers.get(answer) ?? (await startReceiver(answer));
    receivers.set(answer, receiver);
    const url = receiver.url.replace('/webhooks', '/canary-path');
    const handle = await through.callEnded(aFailedCall({ ...CALL, webhook_url: `${url}?token=canary-token` }));
    if (handle === undefined) throw new Error('nobody subscribed');
    return handle;
  };
  const openRuns = async (): Promise<number> =>
    (await client.workflow.count(`ExecutionStatus = 'Running' AND WorkflowType IN ('callWebhook', 'campaignWebhook')`))
      .count;
  await startWorker();
  return {
    server,
    postgres,
    logProxy,
    client,
    log,
    secretsFile,
    taskQueue,
    webhooks,
    call,
    env,
    worker: () => {
      if (worker === undefined) throw new Error('no worker');
      return worker;
    },
    startWorker,
    switch: (port, isBroken) => {
      if (isBroken) writeFileSync(join(switches, port), '');
      else rmSync(join(switches, port), { force: true });
    },
    doctor: async (change = {}, args = ['--json']) => {
      const { code, stdout, stderr } = await runInProcess(doctorCommand, args, { ...env, ...change });
      return said(code, stdout, stderr);
    },
    heal: async () => {
      for await (const run_ of client.workflow.list({ query: `ExecutionStatus = 'Running'` })) {
        await client.workflow
          .getHandle(run_.workflowId)
          .terminate('the play is over')
          .catch(() => undefined);
      }
      await waitFor('no open run', async () => (await openRuns()) === 0);
      await (await call(200)).result();
      // The list of ended runs lags a moment behind.
      await waitFor('every run to be recorded', async () => {
        const items = await webhooks().reconcile(log, { since: new Date(Date.now() - LONG_MS) });
        return items.length > 0 && items.every(({ outcome }) => outcome === 'present');
      });
    },
  };
}

/** What a doctor that ended with `code` said. Throws if something private is in it. */
export function said(code: number, stdout: string, stderr: string): Said {
  const leaks = sweep(PRIVATE, [
    { where: 'stdout', text: stdout },
    { where: 'stderr', text: stderr },
  ]);
  if (leaks.length > 0) throw new Error(`the doctor tells what is private: ${leaks.join(', ')}`);
  if (!stdout.startsWith('{')) throw new Error(`the doctor ended with ${code}: ${stderr}`);
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly code: string }[] };
  const codes = [...new Set(findings.map((finding) => finding.code))].toSorted((one, other) => (one < other ? -1 : 1));
  return { code, codes, text: stdout };
}

/**
 * `npm run bench:fairness`: how long a small customer waits beside a large one. A large account has 2,000 calls
 * waiting, a small one 10, on 20 activity slots. The ratio is the small one's median wait to the time in which the
 * large one's queue drains. One run measures a server with fairness and one without: the development server as `dev`
 * starts it, or with `--compose` the real server with PostgreSQL as docker-compose.yml starts it.
 * `--calls N` makes the queue smaller.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection } from '@temporalio/client';
import { aFailedCall } from '../test/support/builders.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { closeAll, runScript } from '../test/support/run-script.ts';
import type { Closers } from '../test/support/run-script.ts';
import { openStage } from '../test/support/stage.ts';
import { playInFolder } from '../test/support/system-run.ts';
import { findTemporalCli, startOwnServer } from '../test/support/temporal-server.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { imageVersion, readServices } from '../test/system/topology/compose-file.ts';
import { gatherPrograms } from '../test/system/topology/programs.ts';
import { dynamicConfigOf, makeNamespace, setUpSchema, startTemporal } from '../test/system/topology/temporal.ts';

const SLOTS = 20;
const SMALL = 10;
const ANSWER_MS = 100;
/** Calls started at a time. */
const AT_ONCE = 100;
/** deploy/temporal-dynamic-config.yaml gives this queue one partition. */
const TASK_QUEUE = 'topcalls-webhooks';

type Measured = { readonly drainMs: number; readonly share: number };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { calls: { type: 'string', default: '2000' }, compose: { type: 'boolean', default: false } },
  });
  const on = values.compose ? onComposeServer : onDevServer;
  const fair = await on(true, Number(values.calls));
  const unfair = await on(false, Number(values.calls));
  const throughput = round(unfair.drainMs / fair.drainMs);
  console.log(JSON.stringify({ fair, unfair, throughput }, null, 1));
  const holds = fair.share <= 0.25 && throughput >= 0.9;
  console.log(holds ? 'holds: share <= 0.25, throughput >= 0.9' : 'does not hold: share <= 0.25, throughput >= 0.9');
  return holds ? 0 : 1;
}

async function onDevServer(isFair: boolean, calls: number): Promise<Measured> {
  const binary = await findTemporalCli(say);
  const args = isFair ? [] : ['--dynamic-config-value', 'matching.enableFairness=false'];
  const server = await startOwnServer({ binary, args });
  try {
    return await measured(server.address, calls);
  } finally {
    await server.stop();
  }
}

async function onComposeServer(isFair: boolean, calls: number): Promise<Measured> {
  const tidy = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const found = await playInFolder({ name: 'fairness', say, tidy }, async (run) => {
    const services = readServices();
    const bin = join(run.folder, 'bin');
    const schemas = await gatherPrograms(bin, imageVersion(services.temporal), say);
    const { POSTGRES_USER: user = '', POSTGRES_PASSWORD: password = '' } = services.postgresql.environment;
    const postgres = await startPostgres({ user, password, folder: run.folder });
    run.closers.push(() => postgres.close());
    const path = [bin, process.env['PATH']].join(delimiter);
    const server = { services, path, schemas, postgresPort: postgres.port };
    await setUpSchema(server);
    const given = dynamicConfigOf(services.temporal);
    const address = await startTemporal(run, server, isFair ? given : withoutFairness(given, run.folder));
    await makeNamespace(run, server, address);
    await untilServed(address);
    return measured(address, calls);
  });
  if (found === undefined) throw new Error('interrupted');
  return found;
}

/** The server serves a new namespace some seconds after it was made. */
async function untilServed(address: string): Promise<void> {
  const connection = await Connection.connect({ address });
  const count = () => connection.workflowService.countWorkflowExecutions({ namespace: 'default' });
  await waitFor('the namespace', () =>
    count().then(
      () => true,
      () => false,
    ),
  );
  await connection.close();
}

/** A copy of the dynamic configuration in which only fairness is off. */
function withoutFairness(path: string, folder: string): string {
  const changed = readFileSync(path, 'utf8').replace(/(matching\.enableFairness:\s+- value: )true/, '$1false');
  if (!changed.includes('value: false')) throw new Error(`${path} does not switch fairness on`);
  const copy = join(folder, 'without-fairness.yaml');
  writeFileSync(copy, changed);
  return copy;
}

async function measured(address: string, calls: number): Promise<Measured> {
  const closers: Closers = [];
  try {
    return await measure(address, calls, closers);
  } finally {
    await closeAll(closers);
  }
}

async function measure(address: string, calls: number, closers: Closers): Promise<Measured> {
  const receiver = await startReceiver((response) => setTimeout(() => response.writeHead(200).end(), ANSWER_MS));
  closers.push(() => receiver.close());
  const stage = await openStage({
    address,
    taskQueue: TASK_QUEUE,
    worker: false,
    webhooks: { searchAttributes: false, startTimeoutMs: 30_000 },
  });
  closers.push(() => stage.close());
  const report = (account_id: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        stage.webhooks.callEnded(
          aFailedCall({ webhook_url: `${receiver.url}/${account_id}`, account_id, secret_ref: 'main' }),
        ),
      ),
    );
  for (let begun = 0; begun < calls; begun += AT_ONCE) {
    await report('acct_large', Math.min(AT_ONCE, calls - begun));
    say(`${Math.min(begun + AT_ONCE, calls)} of ${calls} calls of the large account wait`);
  }
  await report('acct_small', SMALL);
  const temporal = { maxConcurrentActivityTaskExecutions: SLOTS };
  const startedAt = Date.now();
  const worker = await stage.startWorker({ temporal });
  await receiver.received(calls + SMALL);
  await worker.stop();
  const waits = (account: string) =>
    receiver.requests.filter(({ path }) => path.endsWith(account)).map(({ at }) => at - startedAt);
  const drainMs = Math.max(...waits('acct_large'));
  const medianMs = waits('acct_small').toSorted((one, other) => one - other)[SMALL / 2] ?? Number.NaN;
  return { drainMs, share: round(medianMs / drainMs) };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

void runScript(main);

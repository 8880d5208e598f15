/**
 * `npm run bench:fairness`: how long a small customer waits beside a large one. A large account has 2,000 calls
 * waiting, a small one 10, on 20 activity slots. The ratio is the small one's median wait to the time in which 99 % of
 * the large one's calls arrive. The last hundredth is left out: a server short of processor time sometimes loses a task
 * that it had started for a worker (temporalio/temporal issue 11733). That call arrives with the ladder's next attempt,
 * a minute later, and would hide what is measured here. Such calls are counted, as `late`.
 *
 * A round measures a server with fairness and one without: the development server as `dev` starts it, or with
 * `--compose` the real server with PostgreSQL as docker-compose.yml starts it. The verdict is on the median of each
 * ratio over the rounds. `--calls N` makes the queue smaller, `--rounds N` makes the medians steadier,
 * and `--partitions N` overrides the task queue's partitions of the compose file's server. `--no-start-key` leaves the
 * fairness key out of the starts, so that only deliveries have one (decision 15).
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { WorkflowClient } from '@temporalio/client';
import { aFailedCall } from '../test/support/builders.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { closeAll, runScript } from '../test/support/run-script.ts';
import type { Closers } from '../test/support/run-script.ts';
import { openStage } from '../test/support/stage.ts';
import { playInFolder } from '../test/support/system-run.ts';
import { findTemporalCli, startOwnServer } from '../test/support/temporal-server.ts';
import { dynamicConfigOf } from '../test/system/topology/temporal.ts';
import { startComposeServer } from './compose-server.ts';
import { medianOf } from './median.ts';

const SLOTS = 20;
const SMALL = 10;
const ANSWER_MS = 100;
/** Calls started at a time. */
const AT_ONCE = 100;
/** deploy/temporal-dynamic-config.yaml gives this queue one partition. */
const TASK_QUEUE = 'topcalls-webhooks';

type Measured = { readonly drainMs: number; readonly share: number; readonly late: number };
type Round = { readonly fair: Measured; readonly unfair: Measured; readonly throughput: number };
type Queue = { readonly calls: number; readonly partitions: string | undefined; readonly startKey: boolean };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '1' },
      partitions: { type: 'string' },
      compose: { type: 'boolean', default: false },
      'no-start-key': { type: 'boolean', default: false },
    },
  });
  const on = values.compose ? onComposeServer : onDevServer;
  const { partitions } = values;
  const queue = { calls: Number(values.calls), partitions, startKey: !values['no-start-key'] };
  const rounds: Round[] = [];
  while (rounds.length < Number(values.rounds)) {
    const fair = await on(true, queue);
    const unfair = await on(false, queue);
    rounds.push({ fair, unfair, throughput: round(unfair.drainMs / fair.drainMs) });
    console.log(JSON.stringify(rounds.at(-1)));
  }
  const share = medianOf(rounds.map(({ fair }) => fair.share));
  const throughput = medianOf(rounds.map((each) => each.throughput));
  const holds = share <= 0.25 && throughput >= 0.9;
  console.log(
    `share ${share} (at most 0.25), throughput ${throughput} (at least 0.9): ${holds ? '' : 'does not '}hold`,
  );
  return holds ? 0 : 1;
}

async function onDevServer(isFair: boolean, queue: Queue): Promise<Measured> {
  const binary = await findTemporalCli(say);
  const args = isFair ? [] : ['--dynamic-config-value', 'matching.enableFairness=false'];
  const server = await startOwnServer({ binary, args });
  try {
    return await measured(server.address, queue);
  } finally {
    await server.stop();
  }
}

async function onComposeServer(isFair: boolean, queue: Queue): Promise<Measured> {
  const tidy = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const found = await playInFolder({ name: 'fairness', say, tidy }, async (run) => {
    const { address } = await startComposeServer(run, (services) => {
      const configPath = join(run.folder, 'dynamic-config.yaml');
      writeFileSync(configPath, configOf(dynamicConfigOf(services.temporal), isFair, queue.partitions));
      return configPath;
    });
    return measured(address, queue);
  });
  if (found === undefined) throw new Error('interrupted');
  return found;
}

/** The dynamic configuration at `path`, with fairness off and other partitions if so wanted. */
function configOf(path: string, isFair: boolean, partitions: string | undefined): string {
  const given = readFileSync(path, 'utf8');
  const fair = /(matching\.enableFairness:\s+- value: )true/;
  if (!fair.test(given)) throw new Error(`${path} does not switch fairness on`);
  const chosen = isFair ? given : given.replace(fair, '$1false');
  return partitions === undefined ? chosen : chosen.replaceAll(/(Partitions:\s+- value: )1/g, `$1${partitions}`);
}

async function measured(address: string, queue: Queue): Promise<Measured> {
  const closers: Closers = [];
  try {
    return await measure(address, queue, closers);
  } finally {
    await closeAll(closers);
  }
}

async function measure(address: string, { calls, startKey }: Queue, closers: Closers): Promise<Measured> {
  const receiver = await startReceiver((response) => setTimeout(() => response.writeHead(200).end(), ANSWER_MS));
  closers.push(() => receiver.close());
  const stage = await openStage({
    address,
    taskQueue: TASK_QUEUE,
    worker: false,
    webhooks: { searchAttributes: false, startTimeoutMs: 30_000 },
  });
  closers.push(() => stage.close());
  if (!startKey) startWithoutKey(stage.client.workflow);
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
  const large = waits('acct_large').sort((one, other) => one - other);
  const drainMs = large[Math.ceil(large.length * 0.99) - 1] ?? 0;
  const late = receiver.requests.filter(({ headers }) => headers['x-topcalls-attempt'] !== '1').length;
  return { drainMs, share: round(medianOf(waits('acct_small')) / drainMs), late };
}

/** Starts have a priority, and no fairness key. */
function startWithoutKey(workflows: WorkflowClient): void {
  const start = workflows.start.bind(workflows) as (type: string, options: StartOptions) => Promise<unknown>;
  const bare = (type: string, { priority, ...options }: StartOptions): Promise<unknown> =>
    start(type, { ...options, priority: { priorityKey: priority?.priorityKey } });
  Object.assign(workflows, { start: bare });
}

type StartOptions = { readonly priority?: { readonly priorityKey?: number | undefined } };

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

void runScript(main);

/**
 * `npm run bench:limits`: is a limit of ten a second kept, and what do others notice? There are three workers, and a
 * limit of 10/s for each account. Four small accounts report a call each second: first alone, then beside 400 calls of
 * a large account that all wait. The 400 must take 40 s ± 10 %, with one attempt each, and the small ones
 * must not wait for them. `--eager` shows what happens where attempts are handed out eagerly, and `--partitions N`
 * where the task queue has more than one. `--calls` and `--rate` make it smaller for a busy machine.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { changeLimits } from '../client/queue-limits.ts';
import { queueFacts } from '../client/task-queue.ts';
import { aFailedCall } from '../test/support/builders.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { runScript, type Closers } from '../test/support/run-script.ts';
import { openOwnStage, type Stage } from '../test/support/stage.ts';
import { medianOf, percentileOf } from './median.ts';
import { bundleForWorkers, startBenchWorker } from './worker-process.ts';

const WORKERS = 3;
const SMALL_ACCOUNTS = ['acct_1', 'acct_2', 'acct_3', 'acct_4'] as const;
/** Calls of the large account that are started at a time. */
const AT_ONCE = 50;
/** A limit that hands out nothing while attempts gather, per second. */
const HELD_BACK = 1 / 3_600;
/** How long the small accounts report alone, s. */
const ALONE_S = 10;

async function main(closers: Closers): Promise<number> {
  const { values } = parseArgs({
    options: {
      eager: { type: 'boolean', default: false },
      partitions: { type: 'string', default: '1' },
      calls: { type: 'string', default: '400' },
      rate: { type: 'string', default: '10' },
    },
  });
  const [calls, perSecond] = [Number(values.calls), Number(values.rate)];
  const receiver = await startReceiver(200);
  closers.push(() => receiver.close());
  const partitions = ['Read', 'Write'].flatMap((side) => [
    '--dynamic-config-value',
    `matching.numTaskqueue${side}Partitions=${values.partitions}`,
  ]);
  const stage = await openOwnStage({
    server: { args: partitions },
    worker: false,
    webhooks: { searchAttributes: false, startTimeoutMs: 30_000, eagerDelivery: values.eager ? true : 'auto' },
  });
  closers.push(() => stage.close());
  await bundleForWorkers(closers);
  for (let count = 0; count < WORKERS; count += 1) {
    await startBenchWorker({ address: stage.server.address, taskQueue: stage.taskQueue }, closers);
  }
  const change = { perAccount: perSecond, weights: {}, noWeights: [], reason: 'bench:limits' };
  await changeLimits(stage.client, stage.taskQueue, change);
  const reported = new Map<string, number>();
  const report = reporter(stage, receiver.url, reported);

  await reportEachSecond(ALONE_S, report);
  await receiver.received(reported.size);
  const alone = latenessOf(receiver.requests, reported, 'acct_1', 'acct_2', 'acct_3', 'acct_4');

  say(`alone: ${JSON.stringify(summary(alone))}`);
  // Runs that start take processor time. This is about attempts that wait for their limit, so all are held back first.
  await changeLimits(stage.client, stage.taskQueue, { ...change, queue: HELD_BACK });
  const all = Array.from({ length: calls }, () => 'acct_large');
  while (all.length > 0) await Promise.all(all.splice(0, AT_ONCE).map(report));
  const postsOf = (account: string) => receiver.requests.filter(({ path }) => path.endsWith(account));
  while ((await waiting(stage)) < calls - 2) await delay(200);
  say('all calls of the large account wait');
  const gathered = receiver.requests.length;
  await changeLimits(stage.client, stage.taskQueue, { ...change, queue: null });
  // The server takes up to a second to lift the limit: that wait is not one that the large account causes.
  while (receiver.requests.length === gathered) await delay(20);
  while (postsOf('acct_large').length < calls) await reportEachSecond(1, report);
  await receiver.received(reported.size);
  const after = receiver.requests.slice(gathered);
  const beside = latenessOf(after, reported, ...SMALL_ACCOUNTS);
  // Without the one that may have gone out before all were held back.
  const posts = after.filter(({ path }) => path.endsWith('acct_large')).map(({ at }) => at);
  const seconds = (Math.max(...posts) - Math.min(...posts)) / 1_000;
  // A receiver that answers 200 gets a second attempt only if one was lost.
  const attempts = receiver.requests.filter(({ headers }) => headers['x-topcalls-attempt'] !== '1').length;
  const found = {
    seconds: round(seconds),
    posts: posts.length,
    furtherAttempts: attempts,
    othersAloneMs: summary(alone),
    othersBesideMs: summary(beside),
  };
  console.log(JSON.stringify(found));
  const expected = calls / perSecond;
  const holds = Math.abs(seconds - expected) <= expected * 0.1 && attempts === 0;
  console.log(`${calls} POSTs under ${perSecond}/s in ${found.seconds} s: the limit is ${holds ? '' : 'not '}kept`);
  return holds ? 0 : 1;
}

/** Attempts that wait in the task queue. */
async function waiting({ client, taskQueue }: Stage): Promise<number> {
  return (await queueFacts(client, taskQueue, 'activity')).backlog.tasks;
}

type Report = (account: string) => Promise<void>;

function reporter(stage: Stage, url: string, reported: Map<string, number>): Report {
  return async (account) => {
    const call = aFailedCall({ webhook_url: `${url}/${account}`, account_id: account, secret_ref: 'main' });
    reported.set(call.call_id, Date.now());
    await stage.webhooks.callEnded(call);
  };
}

async function reportEachSecond(seconds: number, report: Report): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await Promise.all([delay(1_000), ...SMALL_ACCOUNTS.map(report)]);
  }
}

type Requests = readonly { readonly at: number; readonly path: string; readonly body: string }[];

/** From the report of each call to its POST, ms. */
function latenessOf(requests: Requests, reported: ReadonlyMap<string, number>, ...accounts: readonly string[]) {
  return requests
    .filter(({ path }) => accounts.some((account) => path.endsWith(account)))
    .map(({ at, body }) => at - (reported.get((JSON.parse(body) as { call_id: string }).call_id) ?? Number.NaN));
}

function summary(values: readonly number[]) {
  return { calls: values.length, p50: medianOf(values), p99: percentileOf(values, 0.99), max: Math.max(...values) };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

void runScript(main);

/**
 * `npm run bench:in-flight`: how many POSTs in flight a worker bears. Receivers of one account take 100, 500, 1,000 and
 * 2,000 POSTs and never answer. Beside them a good account reports four calls a second. For each count a fresh worker
 * is measured twice: with the good account alone, and with so many POSTs in flight until each of them is given up
 * after 15 s. It tells the worker's memory, how late its event loop is, and how late the good account's webhooks are.
 * A limit of the task queue holds the attempts back until all wait, so that they start together.
 *
 * By default there is one slot for each POST and some more. `--slots N` sets another number, and `--slots default`
 * takes the worker's own. `--counts 1000` measures other counts. With `--answers` the receivers answer at once: then the
 * question is how many attempts that start together a worker finishes before it gives one up.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { changeLimits } from '../client/queue-limits.ts';
import { queueFacts } from '../client/task-queue.ts';
import { aFailedCall } from '../test/support/builders.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { closeAll, runScript, type Closers } from '../test/support/run-script.ts';
import { openOwnStage, type Stage } from '../test/support/stage.ts';
import { askWorker, bundleForWorkers, startBenchWorker, type WorkerSeen } from './worker-process.ts';
import { GoodAccount, latenessOf } from './good-account.ts';
import { percentileOf } from './median.ts';

/** Slots beside those of the hung POSTs, for the good account. */
const MORE_SLOTS = 50;
/** How long the good account is measured alone, s. */
const ALONE_S = 20;
/** An attempt is given up after 15 s; then its failure is told. */
const BESIDE_S = 20;
/** Calls of the hung account that are started at a time. */
const AT_ONCE = 50;
/** A limit that hands out nothing while the attempts gather, per second. */
const HELD_BACK = 1 / 3_600;

async function main(closers: Closers): Promise<number> {
  const { values } = parseArgs({
    options: {
      counts: { type: 'string', default: '100,500,1000,2000' },
      slots: { type: 'string' },
      answers: { type: 'boolean', default: false },
    },
  });
  const stage = await openOwnStage({
    worker: false,
    webhooks: { searchAttributes: false, startTimeoutMs: 60_000 },
  });
  closers.push(() => stage.close());
  await bundleForWorkers(closers);
  for (const count of values.counts.split(',').map(Number)) {
    const slots = values.slots === 'default' ? undefined : (values.slots ?? String(count + MORE_SLOTS));
    console.log(JSON.stringify(await measured(stage, { count, slots, answers: values.answers })));
  }
  return 0;
}

type Case = { readonly count: number; readonly slots: string | undefined; readonly answers: boolean };

async function measured(
  stage: Stage & { readonly server: { readonly address: string } },
  { count, slots, answers }: Case,
) {
  const closers: Closers = [];
  const taskQueue = `in-flight-${count}`;
  const good = await startReceiver(200);
  // It takes the request, and never answers, unless it is asked to.
  const hung = await startReceiver(answers ? 200 : () => undefined);
  closers.push(
    () => good.close(),
    () => hung.close(),
  );
  const child = await startBenchWorker({ taskQueue, slots, address: stage.server.address }, closers);
  try {
    const goodCalls = new GoodAccount(stage, taskQueue, good);
    await goodCalls.report(5);
    await askWorker(child);
    const alone = await goodCalls.report(ALONE_S);
    const idle = await askWorker(child);
    await gather(stage, taskQueue, hung.url, { count, answers });
    const gathered = await askWorker(child);
    await changeLimits(stage.client, taskQueue, { ...NOTHING, queue: null });
    const reporting = goodCalls.report(BESIDE_S);
    await delay(10_000);
    const inFlight = await askWorker(child);
    const open = hung.requests.length;
    const beside = await reporting;
    const after = await askWorker(child);
    return {
      inFlight: count,
      slots: slots ?? 'default',
      open,
      // Without an answer each attempt fails after 15 s. With one, an attempt fails only by a fault of the worker.
      furtherAttempts: hung.requests.filter(({ headers }) => headers['x-topcalls-attempt'] !== '1').length,
      memoryMiB: {
        idle: round(idle.memoryMiB),
        gathered: round(gathered.memoryMiB),
        inFlight: round(inFlight.memoryMiB),
      },
      lagMs: { idle: lagOf(idle), inFlight: lagOf(inFlight), after: lagOf(after) },
      cpuS: round(after.cpuS - gathered.cpuS),
      goodMs: { alone: latenessOf(alone), beside: latenessOf(beside) },
      p99Ratio: round(percentileOf(beside, 0.99) / percentileOf(alone, 0.99)),
    };
  } finally {
    await closeAll(closers);
  }
}

const NOTHING = { weights: {}, noWeights: [], reason: 'bench:in-flight' } as const;

/** Starts calls whose attempts wait in the task queue. */
async function gather(
  stage: Stage,
  taskQueue: string,
  url: string,
  { count, answers }: Pick<Case, 'count' | 'answers'>,
): Promise<void> {
  await changeLimits(stage.client, taskQueue, { ...NOTHING, queue: HELD_BACK });
  const webhooks = stage.webhooksWith({ taskQueue, eagerDelivery: false, retryDelaysMs: answers ? [1_000] : [60_000] });
  const call = () => aFailedCall({ webhook_url: url, account_id: 'acct_hung', secret_ref: 'main' });
  for (let begun = 0; begun < count; begun += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - begun) }, () => webhooks.callEnded(call())));
  }
  // One attempt may go out before the limit holds.
  while ((await queueFacts(stage.client, taskQueue, 'activity')).backlog.tasks < count - 2) await delay(200);
}

function lagOf({ lagP99Ms, lagMaxMs }: WorkerSeen) {
  return { p99: round(lagP99Ms), max: round(lagMaxMs) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

void runScript(main);

/**
 * `npm run bench:tarpit`: one customer's receiver takes 1,000 POSTs and answers none. How late are the others? One
 * worker as it is by default, the others with four calls a second: first alone, then beside a customer with as many
 * calls whose receiver answers, then beside the one whose receiver hangs, until the last attempt is given up. The
 * second tells what 1,000 calls more cost on this machine, so the third tells what hanging adds. Each of the three
 * lasts equally long, so that each sees as many of the machine's own pauses. A customer's calls end evenly over five
 * minutes. `--seconds N` makes it faster or slower, `--seconds 0` ends all calls at once, and
 * `--slots N` gives the worker another number of slots.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { aFailedCall } from '../test/support/builders.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { runScript, type Closers } from '../test/support/run-script.ts';
import { openOwnStage } from '../test/support/stage.ts';
import { GoodAccount, latenessOf } from './good-account.ts';
import { percentileOf } from './median.ts';
import { askWorker, bundleForWorkers, startBenchWorker } from './worker-process.ts';

/** An attempt is given up after 15 s. */
const AFTER_S = 20;
const MOST = 1.5;
/** How often calls end, per second. */
const TICKS = 10;

async function main(closers: Closers): Promise<number> {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '300' },
      slots: { type: 'string' },
    },
  });
  const [calls, seconds] = [Number(values.calls), Number(values.seconds)];
  const good = await startReceiver(200);
  const answering = await startReceiver(200);
  const hung = await startReceiver(() => undefined);
  closers.push(
    () => good.close(),
    () => answering.close(),
    () => hung.close(),
  );
  const stage = await openOwnStage({ worker: false, webhooks: { searchAttributes: false, startTimeoutMs: 60_000 } });
  closers.push(() => stage.close());
  await bundleForWorkers(closers);
  const { taskQueue } = stage;
  const worker = await startBenchWorker({ address: stage.server.address, taskQueue, slots: values.slots }, closers);
  const others = new GoodAccount(stage, taskQueue, good);
  await others.report(5);
  const alone = await others.report(seconds + AFTER_S);
  await askWorker(worker);
  const beside = async (url: string): Promise<readonly number[]> => {
    const reporting = reportEvenly(calls, seconds, async () => {
      const call = aFailedCall({ webhook_url: url, account_id: 'acct_other', secret_ref: 'main' });
      await stage.webhooks.callEnded(call);
    });
    const lateness = await others.report(seconds + AFTER_S);
    await reporting;
    return lateness;
  };
  const besideAnswering = await beside(answering.url);
  await askWorker(worker);
  const besideHung = await beside(hung.url);
  const { lagP99Ms, memoryMiB } = await askWorker(worker);
  const [p99Alone, p99Answering, p99Hung] = [alone, besideAnswering, besideHung].map((late) =>
    percentileOf(late, 0.99),
  );
  const lateness = {
    alone: latenessOf(alone),
    besideAnswering: latenessOf(besideAnswering),
    besideHung: latenessOf(besideHung),
  };
  const worn = { lagP99Ms: Math.round(lagP99Ms), memoryMiB: Math.round(memoryMiB) };
  console.log(JSON.stringify({ ...lateness, hung: hung.requests.length, ...worn }));
  const ratio = (p99Hung ?? Number.NaN) / (p99Alone ?? Number.NaN);
  const added = (p99Hung ?? Number.NaN) / (p99Answering ?? Number.NaN);
  console.log(`p99 lateness of the others beside it, to alone: ${ratio.toFixed(2)} (at most ${MOST})`);
  console.log(`to the same beside a receiver that answers: ${added.toFixed(2)}`);
  return ratio <= MOST ? 0 : 1;
}

/** Resolves once all calls are reported, over so many seconds. */
async function reportEvenly(calls: number, seconds: number, report: () => Promise<void>): Promise<void> {
  const ticks = Math.max(1, seconds * TICKS);
  const reports: Promise<void>[] = [];
  for (let tick = 1; tick <= ticks; tick += 1) {
    const due = Math.round((calls * tick) / ticks) - Math.round((calls * (tick - 1)) / ticks);
    for (let count = 0; count < due; count += 1) reports.push(report());
    if (seconds > 0) await delay(1_000 / TICKS);
  }
  await Promise.all(reports);
}

void runScript(main);

/**
 * `npm run bench:tarpit`: one customer's receiver takes 1,000 POSTs and answers none. How late are the others? One
 * worker as it is by default, the others with four calls a second: first alone, then while the customer's calls end,
 * evenly over a minute, and until the last attempt is given up. `--seconds N` makes it faster or slower, `--seconds 0`
 * ends all calls at once, and `--slots N` gives the worker another number of slots.
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

const ALONE_S = 40;
/** An attempt is given up after 15 s. */
const AFTER_S = 20;
const MOST = 1.5;
/** How often calls end, per second. */
const TICKS = 10;

async function main(closers: Closers): Promise<number> {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '60' },
      slots: { type: 'string' },
    },
  });
  const [calls, seconds] = [Number(values.calls), Number(values.seconds)];
  const good = await startReceiver(200);
  const hung = await startReceiver(() => undefined);
  closers.push(
    () => good.close(),
    () => hung.close(),
  );
  const stage = await openOwnStage({ worker: false, webhooks: { searchAttributes: false, startTimeoutMs: 60_000 } });
  closers.push(() => stage.close());
  await bundleForWorkers(closers);
  const { taskQueue } = stage;
  const worker = await startBenchWorker({ address: stage.server.address, taskQueue, slots: values.slots }, closers);
  const others = new GoodAccount(stage, taskQueue, good);
  await others.report(5);
  const alone = await others.report(ALONE_S);
  await askWorker(worker);
  const report = async (): Promise<void> => {
    const call = aFailedCall({ webhook_url: hung.url, account_id: 'acct_tarpit', secret_ref: 'main' });
    await stage.webhooks.callEnded(call);
  };
  const ticks = Math.max(1, seconds * TICKS);
  const reporting = (async () => {
    for (let tick = 1; tick <= ticks; tick += 1) {
      const due = Math.round((calls * tick) / ticks) - Math.round((calls * (tick - 1)) / ticks);
      void Promise.all(Array.from({ length: due }, report));
      if (seconds > 0) await delay(1_000 / TICKS);
    }
  })();
  const beside = await others.report(seconds + AFTER_S);
  await reporting;
  const { lagP99Ms, memoryMiB } = await askWorker(worker);
  const ratio = percentileOf(beside, 0.99) / percentileOf(alone, 0.99);
  const found = { alone: latenessOf(alone), beside: latenessOf(beside), hung: hung.requests.length };
  console.log(JSON.stringify({ ...found, lagP99Ms: Math.round(lagP99Ms), memoryMiB: Math.round(memoryMiB) }));
  console.log(`p99 lateness of the others: ${ratio.toFixed(2)} times as much beside it (at most ${MOST})`);
  return ratio <= MOST ? 0 : 1;
}

void runScript(main);

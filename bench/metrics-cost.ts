/**
 * `npm run bench:metrics`: the processor time of a worker with metrics, beside one without. Both run at the same time
 * on one server, and get the same calls in short turns, so that a machine that gets slower does so for both. The
 * exporter is asked now and then. It writes its section into docs/speed.md, and fails if metrics cost more than 2 %.
 * `--rounds N` takes fewer rounds than 220. Run it on a quiet machine: elsewhere the error that it tells is larger than
 * what it measures.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../temporal-server/ports.ts';
import { aFailedCall } from '../test/support/builders.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { runScript, type Closers } from '../test/support/run-script.ts';
import { openOwnStage, type Stage } from '../test/support/stage.ts';
import { METRICS_HEADING } from './metrics-heading.ts';
import { askWorker, bundleForWorkers, startBenchWorker } from './worker-process.ts';

const ROOT = join(__dirname, '..');
const PAGE = join(ROOT, 'docs/speed.md');
const MOST = 1.02;
const ROUNDS = '220';
/** Of which these only warm up. */
const FIRST_ROUNDS = 20;
/** Rounds that are added up to one ratio. */
const BLOCK = 10;
const CALLS = 12;
/** In rounds: a Prometheus asks every 15 s. */
const SCRAPED_EVERY = 20;

type Side = { readonly taskQueue: string; readonly child: ChildProcess };

async function main(closers: Closers): Promise<number> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: ROUNDS } } });
  const rounds = Number(values.rounds);
  const stage = await openOwnStage({ worker: false });
  closers.push(() => stage.close());
  await bundleForWorkers(closers);
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const start = async (name: string, address: string): Promise<Side> => {
    const taskQueue = `bench-metrics-${name}`;
    const options = { address: stage.server.address, taskQueue, metricsAddress: address };
    return { taskQueue, child: await startBenchWorker(options, closers) };
  };
  const [metered, plain] = [await start('on', metricsAddress), await start('off', '')];
  const blocks: number[] = [];
  let block = { metered: 0, plain: 0 };
  for (let round = 1; round <= rounds; round += 1) {
    // The first of a round meets a colder machine, so they take turns.
    for (const side of round % 2 === 0 ? [metered, plain] : [plain, metered]) {
      const before = await cpuOf(side);
      await deliver(stage, side.taskQueue);
      if (side === metered && round % SCRAPED_EVERY === 0)
        await (await fetch(`http://${metricsAddress}/metrics`)).text();
      block[side === metered ? 'metered' : 'plain'] += (await cpuOf(side)) - before;
    }
    if (round % BLOCK !== 0) continue;
    const ratio = block.metered / block.plain;
    const each = ((block.plain / BLOCK / CALLS) * 1_000).toFixed(2);
    process.stderr.write(`after ${round} rounds: ${ratio.toFixed(3)}; ${each} ms a delivery\n`);
    if (round > FIRST_ROUNDS) blocks.push(ratio);
    block = { metered: 0, plain: 0 };
  }
  const measured = meanOf(blocks);
  writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), measured, rounds));
  const { mean, error } = measured;
  process.stdout.write(
    `metrics: ${mean.toFixed(3)} ± ${error.toFixed(3)} times the processor time (at most ${MOST})\n`,
  );
  // Above the bound by more than the error.
  return mean - error <= MOST ? 0 : 1;
}

type Mean = { readonly mean: number; readonly error: number };

/** The mean without the highest and the lowest value, and its standard error. */
function meanOf(values: readonly number[]): Mean {
  const kept = values.toSorted((one, other) => one - other).slice(1, -1);
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
  const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (kept.length - 1);
  return { mean, error: Math.sqrt(variance / kept.length) };
}

/** Ends calls on this queue, and waits until all are delivered. */
async function deliver(stage: Stage, taskQueue: string): Promise<void> {
  const receiver = await startReceiver();
  const webhooks = stage.webhooksWith({ taskQueue, startTimeoutMs: 60_000 });
  const calls = Array.from({ length: CALLS }, () => aFailedCall({ webhook_url: receiver.url }));
  const handles = await Promise.all(calls.map((call) => webhooks.callEnded(call)));
  await Promise.all(handles.map(async (handle) => handle?.result()));
  await receiver.close();
}

/** Seconds of processor time so far, of all threads. */
async function cpuOf({ child }: Side): Promise<number> {
  return (await askWorker(child)).cpuS;
}

function withSection(page: string, { mean, error }: Mean, rounds: number): string {
  const [before = ''] = page.split(METRICS_HEADING);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim().split(/\s+/).slice(0, 2).join(' ')}`;
  return `${before.trimEnd()}

${METRICS_HEADING}

Written by \`npm run bench:metrics\` (bench/metrics-cost.ts); do not edit. Two workers get the same calls in turns, one
of them with an exporter. ${rounds - FIRST_ROUNDS} rounds of ${CALLS} deliveries each. The doctor adds nothing:
with \`--metrics\` and \`--listen\` it asks no worker, but the server and the log.

| what | beside | times as much | standard error | at most |
|---|---|---|---|---|
| processor time of a worker with metrics | a worker without | ${mean.toFixed(3)} | ${error.toFixed(3)} | ${MOST} |

Node ${process.version}; ${machine}; ${new Date().toISOString().slice(0, 10)}.
`;
}

void runScript(main);

/**
 * `npm run bench:metrics`: the processor time of a worker with metrics, beside one without. Both run at the same time
 * on one server, and get the same calls in turns. The exporter is asked once a round. It writes its section into
 * docs/speed.md, and fails if metrics cost more than 2 %. Run it on a quiet machine.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../temporal-server/ports.ts';
import { aFailedCall } from '../test/support/builders.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { runScript, type Closers } from '../test/support/run-script.ts';
import { openOwnStage, type Stage } from '../test/support/stage.ts';
import { METRICS_HEADING } from './metrics-heading.ts';

const ROOT = join(__dirname, '..');
const PAGE = join(ROOT, 'docs/speed.md');
const MOST = 1.02;
const ROUNDS = 24;
/** Of which these only warm up. */
const FIRST_ROUNDS = 4;
const CALLS = 60;

type Side = { readonly taskQueue: string; readonly child: ChildProcess };

async function main(closers: Closers): Promise<number> {
  const stage = await openOwnStage({ worker: false });
  closers.push(() => stage.close());
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const start = async (name: string, address: string): Promise<Side> => {
    const taskQueue = `bench-metrics-${name}`;
    const env = {
      ...process.env,
      TEMPORAL_ADDRESS: stage.server.address,
      TASK_QUEUE: taskQueue,
      METRICS_ADDRESS: address,
    };
    const execArgv = ['-r', join(ROOT, 'scripts/run-typescript.cjs')];
    const child = fork(join(__dirname, 'metrics-cost-worker.ts'), { env, execArgv });
    closers.push(async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    });
    await once(child, 'message');
    return { taskQueue, child };
  };
  const [metered, plain] = [await start('on', metricsAddress), await start('off', '')];
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const spent = new Map<Side, number>();
    // The first of a round meets a colder machine, so they take turns.
    for (const side of round % 2 === 0 ? [metered, plain] : [plain, metered]) {
      const before = await cpuOf(side);
      await deliver(stage, side.taskQueue);
      if (side === metered) await (await fetch(`http://${metricsAddress}/metrics`)).text();
      spent.set(side, (await cpuOf(side)) - before);
    }
    const ratio = (spent.get(metered) ?? 0) / (spent.get(plain) ?? 1);
    process.stderr.write(`round ${round + 1}: ${ratio.toFixed(3)}\n`);
    if (round >= FIRST_ROUNDS) ratios.push(ratio);
  }
  const sorted = ratios.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? Number.NaN;
  const ratio = (at(0.5) + at(0.45)) / 2;
  writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), ratio, [at(0.25), at(0.75)]));
  process.stdout.write(`metrics: ${ratio.toFixed(3)} times the processor time (at most ${MOST})\n`);
  return ratio <= MOST ? 0 : 1;
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

/** Microseconds of processor time so far, of all threads. */
async function cpuOf({ child }: Side): Promise<number> {
  const answered = once(child, 'message');
  child.send('cpu');
  return Number((await answered)[0]);
}

function withSection(page: string, ratio: number, [low, high]: readonly [number, number]): string {
  const [before = ''] = page.split(METRICS_HEADING);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim().split(/\s+/).slice(0, 2).join(' ')}`;
  return `${before.trimEnd()}

${METRICS_HEADING}

Written by \`npm run bench:metrics\` (bench/metrics-cost.ts); do not edit. Two workers get the same calls in turns, one
of them with an exporter that is asked once a round. The median of ${ROUNDS - FIRST_ROUNDS} rounds of ${CALLS} deliveries:

| what | beside | times as much | middle half | at most |
|---|---|---|---|---|
| processor time of a worker with metrics | a worker without | ${ratio.toFixed(3)} | ${low.toFixed(3)} to ${high.toFixed(3)} | ${MOST} |

Node ${process.version}; ${machine}; ${new Date().toISOString().slice(0, 10)}.
`;
}

void runScript(main);

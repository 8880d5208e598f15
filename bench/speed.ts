/**
 * `npm run bench:speed`: what must be fast, as ratios to a reference in the same run. No test compares a duration with
 * a constant, so speed is measured here. It prints the table and writes it into docs/speed.md. It fails if a ratio is
 * above its bound. Run it on a quiet machine.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { manySignals } from './many-signals.ts';
import { medianOf } from './median.ts';
import { METRICS_HEADING } from './metrics-heading.ts';
import { dataProblems } from '../contract/canonical-json.ts';
import { aFailedCall } from '../test/support/builders.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { runScript } from '../test/support/run-script.ts';
import type { Closers } from '../test/support/run-script.ts';
import { openOwnStage, type Stage } from '../test/support/stage.ts';
import { waitFor } from '../test/support/wait-for.ts';

const ROOT = join(__dirname, '..');
const PAGE = join(ROOT, 'docs/speed.md');
const HUNDRED = Array.from({ length: 100 }, (_, index) => index);

/** What is measured, beside what, and how many times as long it may take. */
type Row = { readonly what: string; readonly beside: string; readonly ratio: number; readonly most: number };

async function main(closers: Closers): Promise<number> {
  const stage = await openOwnStage({
    taskQueue: 'bench-speed',
    webhooks: { retryDelaysMs: [600_000], startTimeoutMs: 60_000 },
  });
  closers.push(() => stage.close());
  const start = await medianOfRuns(11, () => startAndPost(stage));
  const signals = await manySignals(stage);
  const rows: readonly Row[] = [
    {
      what: 'loading `./receiver`',
      beside: 'loading zod',
      ratio: loadMs('./dist/receiver/index.js') / loadMs('zod'),
      most: 1,
    },
    {
      what: 'refusing data that unfolds into billions of values',
      beside: 'checking 16,000 values',
      ratio: millisOf(() => dataProblems(unfolding())) / millisOf(() => dataProblems(manyValues())),
      most: 10,
    },
    { what: 'failed call, until its POST arrives', beside: 'the start of its run', ratio: start, most: 20 },
    {
      what: '`retryNow`, until its POST arrives',
      beside: 'the request itself',
      ratio: await medianOfRuns(11, () => retryAndPost(stage)),
      most: 20,
    },
    {
      what: 'a hundred good receivers beside a hundred tarpits',
      beside: 'two hundred good receivers',
      ratio: await tarpitRatio(stage),
      most: 2,
    },
    {
      what: 'longest activation of a run with ten endpoints and 9,500 signals',
      beside: 'the longest one without signals',
      ratio: signals.activation,
      most: 100,
    },
    {
      what: '`status` of that run',
      beside: "fetching its history with the SDK's own method",
      ratio: signals.status,
      most: 10,
    },
    {
      what: '`cancel` of such a run',
      beside: 'the same fetching',
      ratio: signals.cancel,
      most: 10,
    },
    {
      what: '`reconcile` of such a run and the other closed runs of this bench',
      beside: 'the same fetching',
      ratio: signals.reconcile,
      most: 10,
    },
  ];
  const table = [
    '| what | beside | times as long | at most |',
    '|---|---|---|---|',
    ...rows.map(({ what, beside, ratio, most }) => `| ${what} | ${beside} | ${ratio.toFixed(1)} | ${most} |`),
  ].join('\n');
  process.stdout.write(`${table}\n`);
  writeFileSync(PAGE, `${pageOf(table)}${metricsSection()}`);
  const slow = rows.filter(({ ratio, most }) => ratio > most);
  for (const { what } of slow) process.stderr.write(`too slow: ${what}\n`);
  return slow.length === 0 ? 0 : 1;
}

/** Best of 15 fresh processes. */
function loadMs(name: string): number {
  const load = `require(${JSON.stringify(name)})`;
  const script = `const start = performance.now(); ${load}; console.log(performance.now() - start);`;
  const times = Array.from({ length: 15 }, () => Number(execFileSync(process.execPath, ['-e', script], { cwd: ROOT })));
  return Math.min(...times);
}

/** Best of 50. */
function millisOf(work: () => unknown): number {
  const times = Array.from({ length: 50 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

function unfolding(): unknown {
  let value: unknown = 'lol';
  for (let level = 0; level < 18; level += 1) value = { a: value, b: value, c: value, d: value };
  return value;
}

function manyValues(): unknown {
  return Array.from({ length: 16_000 }, (_, index) => index);
}

/** From the call of `callEnded` to the POST, as a multiple of the time to its answer. */
async function startAndPost(stage: Stage): Promise<number> {
  const receiver = await startReceiver();
  const from = Date.now();
  await stage.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  const started = Date.now();
  const { at } = await receiver.received(1);
  await receiver.close();
  return (at - from) / Math.max(1, started - from);
}

/** From the call of `retryNow` to the POST, as a multiple of the time to its answer. */
async function retryAndPost(stage: Stage): Promise<number> {
  const receiver = await startReceiver(503, 200);
  const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
  await waitFor('the wait', async () => (await handle?.status())?.deliveries[0]?.nextAttemptAt);
  const from = Date.now();
  await handle?.retryNow();
  const answered = Date.now();
  const { at } = await receiver.received(2);
  await receiver.close();
  return (at - from) / Math.max(1, answered - from);
}

/** When the last of a hundred good receivers is reached, with tarpits around them and without. */
async function tarpitRatio(stage: Stage): Promise<number> {
  const held = new Set<Socket>();
  const tarpit = createServer((socket) => held.add(socket.on('error', () => undefined)));
  tarpit.listen(0, '127.0.0.1');
  await once(tarpit, 'listening');
  const fast = await startReceiver();
  const unburdened = await lastOfHundred(stage, fast.url);
  const burdened = await lastOfHundred(stage, `http://127.0.0.1:${(tarpit.address() as AddressInfo).port}/hook`);
  for (const socket of held) socket.destroy();
  tarpit.close();
  await fast.close();
  return burdened / unburdened;
}

/** Ends two hundred calls at once, half of them to `other`. Milliseconds until the last good receiver is reached. */
async function lastOfHundred(stage: Stage, other: string): Promise<number> {
  const good = await startReceiver();
  const from = Date.now();
  const end = (url: string) => stage.webhooks.callEnded(aFailedCall({ webhook_url: url }));
  await Promise.all([...HUNDRED.map(() => end(other)), ...HUNDRED.map(() => end(good.url))]);
  const { at } = await good.received(100);
  await good.close();
  return at - from;
}

async function medianOfRuns(count: number, measure: () => Promise<number>): Promise<number> {
  const found: number[] = [];
  while (found.length < count) found.push(await measure());
  return medianOf(found);
}

/** The section of another bench, as it stands. */
function metricsSection(): string {
  const [, section] = readFileSync(PAGE, 'utf8').split(METRICS_HEADING);
  return section === undefined ? '' : `\n${METRICS_HEADING}${section}`;
}

function pageOf(table: string): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim().split(/\s+/).slice(0, 2).join(' ')}`;
  return `# What must be fast

Written by \`npm run bench:speed\` (bench/speed.ts); do not edit. Each row is a ratio to a reference in the same run,
so it says little about the machine. The bench fails if a ratio is above its bound.

${table}

Node ${process.version}; ${machine}; ${new Date().toISOString().slice(0, 10)}.
`;
}

void runScript(main);

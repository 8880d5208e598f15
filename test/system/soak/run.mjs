/** Plays the soak: stage, engine and nemesis together; then heal, drain, reconcile, collect, check. Takes everything down. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { built, CLI } from '../topology/built.mjs';
import { runToEnd, stopAll } from '../topology/processes.mjs';
import { collect } from './collect.mjs';
import { planFaults } from './fault-plan.mjs';
import { logTo, readLog } from './log-file.mjs';
import { unleash } from './nemesis.mjs';
import { openStage, startEngine } from './stage.mjs';

const require = createRequire(import.meta.url);
const { Client, Connection } = require('@temporalio/client');
const { checkLogs } = require('./check-logs.ts');
const { catchInterrupts } = built('cli/interrupts');

/** The real ladder and waits, made short. */
const POLICY = { retryDelaysMs: [1_000, 2_000, 3_000, 4_000], settleDelayMs: 1_500, artifactDeadlineMs: 5_000 };
/** I12: a run ends within its ladder and five minutes more once nothing is broken. */
const DRAIN_MS = 300_000 + 10_000;

/** Resolves with the folder and what the checker says; undefined after Ctrl-C. The logs stay in the folder. */
export async function runSoak(options, { say }) {
  const { signal, release } = catchInterrupts();
  const folder = mkdtempSync(join(tmpdir(), 'topcalls-soak-'));
  // PostgreSQL, as another user where we are root, has to get to its part of it; secrets have modes of their own.
  chmodSync(folder, 0o755);
  const closers = [];
  const interrupted = new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  try {
    return await Promise.race([play(folder, options, { say, signal, closers }), interrupted]);
  } finally {
    for (const close of closers) await close();
    await stopAll();
    // What was in them stands in the logs; Temporal's file is kept, for the histories.
    for (const name of ['postgresql', 'secrets.json']) rmSync(join(folder, name), { recursive: true, force: true });
    release();
  }
}

async function play(folder, { seed, minutes, calls }, { say, signal, closers }) {
  const files = Object.fromEntries(
    ['ops', 'receiver', 'faults', 'final'].map((name) => [name, join(folder, `${name}.jsonl`)]),
  );
  const note = logTo(files.faults);
  const spanMs = minutes * 60_000;
  const stage = await openStage({ folder, seed, note, say, closers });
  const plan = planFaults(seed, { spanMs, workers: stage.workers.length });
  say(`${calls} calls in ${minutes} min, ${plan.length} faults`);
  const engine = startEngine(folder, {
    calls,
    seed,
    spanMs,
    policy: POLICY,
    hooks: stage.receiver.hooks,
    address: stage.engineProxy.address,
  });
  await unleash(stage, plan, { note, say, signal });
  await engine.finish();
  say('everything is healed; open runs come to their ends');
  await Promise.all(stage.workers.map((worker) => worker.untilReady()));
  const client = new Client({ connection: await Connection.connect({ address: stage.temporal.address }) });
  note({ type: 'healed' });
  await drain(client, say, signal);
  // The list of ended runs lags a moment behind.
  await delay(3_000);
  const env = { ...stage.env, TEMPORAL_ADDRESS: stage.temporal.address };
  const { stderr } = await runToEnd('reconcile', [process.execPath, CLI, 'reconcile'], env);
  say(stderr.trimEnd().split('\n').at(-1));
  await collect({ client, url: stage.postgres.url, note: logTo(files.final) });
  const logs = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, readLog(file)]));
  return { folder, ...checkLogs(logs, POLICY.retryDelaysMs) };
}

async function drain(client, say, signal) {
  for (const deadline = Date.now() + DRAIN_MS; !signal.aborted; await delay(2_000)) {
    const { count } = await client.workflow.count(`ExecutionStatus = 'Running'`);
    if (count === 0 || Date.now() > deadline) return;
    say(`${count} runs are open`);
  }
}

/** Plays the soak: parts, engine and nemesis together; then heal, drain, reconcile, collect, check. Takes everything
 *  down. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { logTo, readLog } from '../../support/log-file.ts';
import { DIST_CLI, runToEnd } from '../../support/processes.ts';
import type { ReceiverLine } from '../../support/receiver-lines.ts';
import { playInFolder } from '../../support/system-run.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { checkLogs } from './check-logs.ts';
import { collect } from './collect.ts';
import type { Checked } from './counts.ts';
import { planFaults } from './fault-plan.ts';
import type { FaultLine, FinalLine, OpLine } from './log-lines.ts';
import { unleash } from './nemesis.ts';
import { openParts, startEngine } from './parts.ts';

/** The real ladder and waits, made short. */
const POLICY = { retryDelaysMs: [1_000, 2_000, 3_000, 4_000], settleDelayMs: 1_500, artifactDeadlineMs: 5_000 };
/** I12: a run ends within its ladder and five minutes more once nothing is broken. */
const DRAIN_MS = 300_000 + 10_000;

export type SoakOptions = {
  readonly seed: number;
  readonly minutes: number;
  readonly calls: number;
  /** Two of the three workers have a wrong clock. */
  readonly skew: boolean;
};

/** Resolves with the folder and what the checker says; undefined after Ctrl-C. The logs stay in the folder. */
export function runSoak(
  options: SoakOptions,
  say: (line: string) => void,
): Promise<(Checked & { readonly folder: string }) | undefined> {
  // What was in them is in the logs; Temporal's file is kept, for the histories.
  const tidy = (folder: string): void => {
    for (const name of ['postgresql', 'secrets.json']) rmSync(join(folder, name), { recursive: true, force: true });
  };
  return playInFolder({ name: 'soak', say, tidy }, (run) => play(run, options));
}

async function play(
  run: SystemRun,
  { seed, minutes, calls, skew }: SoakOptions,
): Promise<Checked & { folder: string }> {
  const { folder, say, signal } = run;
  const fileOf = (log: string): string => join(folder, `${log}.jsonl`);
  const note = logTo(fileOf('faults'));
  const spanMs = minutes * 60_000;
  const parts = await openParts(run, { seed, skew, note });
  const plan = planFaults(seed, { spanMs, workers: parts.workers.length });
  say(`${calls} calls in ${minutes} min, ${plan.length} faults`);
  const engine = startEngine(run, {
    calls,
    seed,
    spanMs,
    policy: POLICY,
    hooks: parts.customers.hooks,
    address: parts.engineProxy.address,
    log: fileOf('ops'),
  });
  await unleash(parts, plan, { note, say, signal });
  await engine.finish();
  say('everything is healed; open runs come to their ends');
  await Promise.all(parts.workers.map((worker) => worker.untilReady()));
  const { address } = parts.temporal;
  const client = new Client({ connection: await Connection.connect({ address }) });
  note({ type: 'healed' });
  await drain(client, run);
  // The list of ended runs lags a moment behind.
  await delay(3_000);
  const env = { ...parts.env, TEMPORAL_ADDRESS: address };
  const { stderr } = await runToEnd('reconcile', [process.execPath, DIST_CLI, 'reconcile'], env);
  say(stderr.trimEnd().split('\n').at(-1) ?? '');
  await collect(client, parts.postgres.pool, logTo(fileOf('final')));
  const logs = {
    ops: readLog<OpLine>(fileOf('ops')),
    receiver: readLog<ReceiverLine>(parts.customers.log),
    faults: readLog<FaultLine>(fileOf('faults')),
    final: readLog<FinalLine>(fileOf('final')),
  };
  return { folder, ...checkLogs(logs, POLICY.retryDelaysMs) };
}

async function drain(client: Client, { say, signal }: SystemRun): Promise<void> {
  for (const deadline = Date.now() + DRAIN_MS; !signal.aborted; await delay(2_000)) {
    const { count } = await client.workflow.count(`ExecutionStatus = 'Running'`);
    if (count === 0 || Date.now() > deadline) return;
    say(`${count} runs are open`);
  }
}

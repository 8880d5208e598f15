/** Does what the plan says, to a part that is not suffering already. Notes from when to when each fault lasted. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SystemRun } from '../../support/system-run.ts';
import type { Fault, PlannedFault } from './fault-plan.ts';
import type { Parts } from './parts.ts';
import type { Proxy } from './tcp-proxy.ts';
import type { WorkerUnderFire } from './worker-under-fire.ts';

/** Carries out `plan`; resolves when its last fault has healed. Ctrl-C ends it early. */
export async function unleash(
  parts: Parts,
  plan: readonly PlannedFault[],
  { note, say, signal }: Pick<SystemRun, 'say' | 'signal'> & { readonly note: (line: object) => void },
): Promise<void> {
  const suffering = new Set<string>();
  const healing: Promise<void>[] = [];
  const startedAt = Date.now();
  for (const { afterMs, fault, worker, lastsMs } of plan) {
    await delay(Math.max(0, startedAt + afterMs - Date.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const victims = victimsOf(fault, worker, parts);
    if (victims.some((each) => suffering.has(each))) continue;
    const inflict = async (): Promise<void> => {
      for (const victim of victims) suffering.add(victim);
      const from = Date.now();
      const more = await FAULTS[fault](parts, lastsMs, parts.workers[(worker ?? 1) - 1] as WorkerUnderFire);
      for (const victim of victims) suffering.delete(victim);
      const line = { from, to: Date.now(), ...more };
      note({ type: 'fault', fault, victim: victims.join(', '), ...line });
      say(`${fault} ${worker ?? ''} for ${((line.to - line.from) / 1_000).toFixed(1)} s`);
    };
    healing.push(inflict());
  }
  await Promise.all(healing);
}

/** The parts that a fault is done to. */
function victimsOf(fault: Fault, worker: number | undefined, { workers }: Parts): string[] {
  if (fault === 'kill-workers' || fault === 'kill-taker') return workers.map(({ name }) => name);
  return [worker === undefined ? (fault.split('-')[1] ?? fault) : `worker-${worker}`];
}

/** Does the fault and heals it after `lastsMs`. Resolves with what the log tells beside the times. */
type Inflict = (
  parts: Parts,
  lastsMs: number,
  worker: WorkerUnderFire,
) => Promise<void | { from?: number; exitCode?: number | null; wasReady?: boolean; tookMs?: number }>;

const FAULTS: Readonly<Record<Fault, Inflict>> = {
  'kill-worker': async (_parts, lastsMs, worker) => {
    await worker.end('SIGKILL');
    await delay(lastsMs);
    worker.start();
  },
  'kill-workers': (parts, lastsMs) => killAll(parts, lastsMs),
  // After the 2xx, before the server knows of it: the longest way for an attempt to be made again.
  'kill-taker': async (parts, lastsMs) => {
    await parts.customers.nextTaken();
    const from = Date.now();
    await killAll(parts, lastsMs);
    return { from };
  },
  'stop-worker': async (_parts, lastsMs, worker) => {
    worker.signal('SIGSTOP');
    await delay(lastsMs);
    worker.signal('SIGCONT');
  },
  'term-worker': async (_parts, lastsMs, worker) => {
    const from = Date.now();
    const ended = await worker.end('SIGTERM');
    const tookMs = Date.now() - from;
    await delay(lastsMs);
    worker.start();
    return { ...ended, tookMs };
  },
  'kill-server': async ({ temporal }, lastsMs) => {
    await temporal.kill('SIGKILL');
    await delay(lastsMs);
    await temporal.restart();
  },
  'stop-postgres': async ({ postgres }, lastsMs) => {
    await postgres.stop();
    await delay(lastsMs);
    await postgres.start();
  },
  'hold-postgres': ({ postgresProxy }, lastsMs) => whileIn(postgresProxy, 'hold', lastsMs),
  'deafen-postgres': ({ postgresProxy }, lastsMs) => whileIn(postgresProxy, 'loseAnswers', lastsMs),
  'cut-worker': async (_parts, _lastsMs, worker) => worker.proxy.cut(),
  'hold-worker': (_parts, lastsMs, worker) => whileIn(worker.proxy, 'hold', lastsMs),
  'deafen-worker': (_parts, lastsMs, worker) => whileIn(worker.proxy, 'loseAnswers', lastsMs),
  'refuse-worker': (_parts, lastsMs, worker) => whileIn(worker.proxy, 'refuse', lastsMs),
  'cut-engine': async ({ engineProxy }) => engineProxy.cut(),
  'hold-engine': ({ engineProxy }, lastsMs) => whileIn(engineProxy, 'hold', lastsMs),
  'deafen-engine': ({ engineProxy }, lastsMs) => whileIn(engineProxy, 'loseAnswers', lastsMs),
};

async function killAll({ workers }: Parts, lastsMs: number): Promise<void> {
  await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
  await delay(lastsMs);
  for (const worker of workers) worker.start();
}

async function whileIn(proxy: Proxy, trouble: 'hold' | 'loseAnswers' | 'refuse', lastsMs: number): Promise<void> {
  proxy[trouble]();
  await delay(lastsMs);
  proxy.heal();
}

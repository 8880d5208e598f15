/** One stand-alone worker behind a proxy of its own, kept alive as a service manager would: whatever ends it, it
 *  comes back. */
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../temporal-server/ports.ts';
import type { Env } from '../../../temporal-server/env.ts';
import { DIST_CLI, saysReady, startProcess } from '../../support/processes.ts';
import type { RunningProcess } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { startProxy } from './tcp-proxy.ts';
import type { Proxy } from './tcp-proxy.ts';

export type WorkerUnderFire = {
  readonly name: string;
  /** Between the worker and Temporal. */
  readonly proxy: Proxy;
  /** Starts it again after `end`. */
  start(): void;
  /** Ends it by this signal, and it stays away. `exitCode`: null after SIGKILL. */
  end(signal: NodeJS.Signals): Promise<{ readonly exitCode: number | null; readonly wasReady: boolean }>;
  /** Resolves once it polls. */
  untilReady(): Promise<void>;
  /** Sends it a signal that does not end it. */
  signal(signal: NodeJS.Signals): void;
};

const READY_WITHIN_MS = 60_000;

/** Starts the worker; `note` hears of an end that nobody asked for. Resolves once it polls. */
export async function startWorker(
  run: SystemRun,
  {
    name,
    env,
    temporalAddress,
    note,
  }: {
    readonly name: string;
    readonly env: Env;
    readonly temporalAddress: () => string;
    readonly note: (line: object) => void;
  },
): Promise<WorkerUnderFire> {
  const proxy = await startProxy(temporalAddress);
  run.closers.push(() => proxy.close());
  const healthPort = await freePort();
  const settings = { ...env, TEMPORAL_ADDRESS: proxy.address, TOPCALLS_HEALTH_PORT: String(healthPort) };
  let running: RunningProcess | undefined;
  let wasReady = false;
  let wanted = new AbortController();
  // The worker is ended as one, below: a process that ended before it would count as dead, and be started again.
  const unregistered = { folder: run.folder, closers: [] };
  const keepUp = async ({ signal }: AbortController): Promise<void> => {
    while (!signal.aborted) {
      const current = startProcess(unregistered, name, [process.execPath, DIST_CLI, 'worker'], { env: settings });
      running = current;
      wasReady = false;
      while (!signal.aborted && current.isRunning()) {
        wasReady ||= await saysReady(healthPort);
        await delay(250);
      }
      if (signal.aborted) return;
      // One that was not ready yet found no server, says so and ends; the next one tries again.
      if (wasReady) note({ type: 'died', worker: name, exitCode: current.child.exitCode });
      await delay(1_000);
    }
  };
  const start = (): void => {
    wanted = new AbortController();
    void keepUp(wanted);
  };
  const end: WorkerUnderFire['end'] = async (signal) => {
    wanted.abort();
    return { exitCode: (await running?.end(signal)) ?? null, wasReady };
  };
  run.closers.push(() => end('SIGTERM'));
  start();
  const untilReady = async (): Promise<void> => {
    for (const deadline = Date.now() + READY_WITHIN_MS; !(await saysReady(healthPort)); await delay(250)) {
      if (Date.now() > deadline) {
        throw new Error(`${name} was not ready in ${READY_WITHIN_MS / 1_000} s:\n${running?.log().slice(-2_000)}`);
      }
    }
  };
  await untilReady();
  return {
    name,
    proxy,
    start,
    end,
    untilReady,
    signal: (signal) => {
      if (running?.isRunning() === true) running.child.kill(signal);
    },
  };
}

/** One stand-alone worker behind a proxy of its own, kept alive as a service manager would: whatever ends it, it comes back. */
import { setTimeout as delay } from 'node:timers/promises';
import { built, CLI } from '../topology/built.mjs';
import { startProcess } from '../topology/processes.mjs';
import { startProxy } from './tcp-proxy.mjs';

const { freePort } = built('cli/local-port');

/** Starts the worker; `note` hears of an end that nobody asked for. Resolves once it polls. */
export async function startWorker({ name, folder, env, temporalAddress, note }) {
  const proxy = await startProxy(temporalAddress);
  const healthPort = await freePort();
  const settings = { ...env, TEMPORAL_ADDRESS: proxy.address, TOPCALLS_HEALTH_PORT: String(healthPort) };
  let running;
  let wasReady = false;
  let wanted = new AbortController();
  const isReady = () =>
    fetch(`http://127.0.0.1:${healthPort}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  const keepUp = async ({ signal }) => {
    while (!signal.aborted) {
      const current = startProcess(name, folder, [process.execPath, CLI, 'worker'], { env: settings });
      running = current;
      wasReady = false;
      while (!signal.aborted && current.isRunning()) {
        wasReady ||= await isReady();
        await delay(250);
      }
      if (signal.aborted) return;
      // Not ready yet: its server may be away, which it says and ends; the next one tries again.
      if (wasReady) note({ type: 'died', worker: name, exitCode: current.child.exitCode });
      await delay(1_000);
    }
  };
  const start = () => {
    wanted = new AbortController();
    void keepUp(wanted);
  };
  /** Ends it by this signal; resolves with its exit code, null after SIGKILL, and whether it had been ready. */
  const end = async (signal) => {
    wanted.abort();
    const { child, isRunning } = running;
    if (isRunning()) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill(signal);
      await gone;
    }
    return { exitCode: child.exitCode, wasReady };
  };
  start();
  const untilReady = async (withinMs = 60_000) => {
    for (const deadline = Date.now() + withinMs; !(await isReady()); await delay(250)) {
      if (Date.now() > deadline)
        throw new Error(`${name} was not ready in ${withinMs / 1_000} s:\n${running.log().slice(-2_000)}`);
    }
  };
  await untilReady();
  return { name, proxy, start, end, untilReady, signal: (signal) => running.isRunning() && running.child.kill(signal) };
}

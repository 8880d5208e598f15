/** Everything the soak plays on: the system stage, Temporal on a file, and workers and engine behind proxies. */
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../../contract/server-names.ts';
import type { Env } from '../../../temporal-server/env.ts';
import { FORBIDDEN_HOST } from '../../support/customer-servers.ts';
import type { CustomerServers } from '../../support/customer-servers.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { DIST_CLI, runToEnd, startProcess, typescript } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { openSystemStage } from '../../support/system-stage.ts';
import { findTemporalCli, startOwnServer } from '../../support/temporal-server.ts';
import type { OwnServer } from '../../support/temporal-server.ts';
import { LOOPBACK_ENV } from '../../support/worker-process.ts';
import type { EngineSettings } from './engine-process.ts';
import { skewedClock } from './skewed-clock.ts';
import { startProxy } from './tcp-proxy.ts';
import type { Proxy } from './tcp-proxy.ts';
import { startWorker } from './worker-under-fire.ts';
import type { WorkerUnderFire } from './worker-under-fire.ts';

/** How far the clock of each worker is off where clocks are skewed, in seconds. */
const WORKERS = { 'worker-1': 0, 'worker-2': 600, 'worker-3': -600 };

export type Parts = {
  readonly temporal: OwnServer;
  readonly postgres: TestPostgres;
  readonly postgresProxy: Proxy;
  readonly workers: readonly WorkerUnderFire[];
  readonly engineProxy: Proxy;
  readonly customers: CustomerServers;
  /** Environment of the built command, but for Temporal's address. */
  readonly env: Env;
};

/** Starts every part but the engine; all are ended with the run. `note`: into the log of faults. */
export async function openParts(
  run: SystemRun,
  { seed, skew, note }: { readonly seed: number; readonly skew: boolean; readonly note: (line: object) => void },
): Promise<Parts> {
  const password = { user: 'topcalls', password: 'soak' };
  const { postgres, customers, settings } = await openSystemStage(run, { postgres: password, seed: seed + 2 });
  const postgresProxy = await startProxy(() => `127.0.0.1:${postgres.port}`);
  run.closers.push(() => postgresProxy.close());
  run.say('Temporal: a development server on a file');
  const temporal = await startOwnServer({
    binary: await findTemporalCli(run.say),
    dbFile: join(run.folder, 'temporal.db'),
    searchAttributes: SEARCH_ATTRIBUTES,
  });
  run.closers.push(() => temporal.stop());
  const env = {
    PATH: process.env['PATH'],
    HOME: run.folder,
    ...settings,
    ...LOOPBACK_ENV,
    TOPCALLS_DATABASE_URL: Object.assign(new URL(postgres.url), { host: postgresProxy.address }).href,
    TOPCALLS_EGRESS_DENY_CIDRS: `${FORBIDDEN_HOST}/32`,
  };
  await runToEnd('db migrate', [process.execPath, DIST_CLI, 'db', 'migrate'], env);
  await watchStates(postgres);
  const settingsOf = Object.entries(WORKERS).map(([name, seconds]) => ({
    name,
    env: { ...env, ...(skew && seconds !== 0 && skewedClock(seconds)) },
  }));
  const clocks = skew ? '; the clock of one is right, one is 10 min ahead, one 10 min behind' : '';
  run.say(`${settingsOf.length} workers, each behind a proxy${clocks}`);
  const temporalAddress = (): string => temporal.address;
  const workers = await Promise.all(settingsOf.map((worker) => startWorker(run, { ...worker, temporalAddress, note })));
  const engineProxy = await startProxy(temporalAddress);
  run.closers.push(() => engineProxy.close());
  return { temporal, postgres, postgresProxy, workers, engineProxy, customers, env };
}

/** The table holds one row a delivery, so a second final state would replace the first unseen: a trigger notes every
 *  one. */
async function watchStates({ pool }: TestPostgres): Promise<void> {
  await pool.query(`
    create table soak_states (webhook_id text, cycle int, run_id text, state text, at timestamptz default clock_timestamp());
    create function soak_note() returns trigger language plpgsql as $$
    begin insert into public.soak_states values (new.webhook_id, new.cycle, new.run_id, new.state); return new; end $$;
    create trigger soak_note after insert or update on topcalls_webhooks.deliveries
      for each row execute function soak_note();`);
}

/** Starts the engine, which begins at once. `finish()` resolves when it has done what was under way. */
export function startEngine(run: SystemRun, settings: EngineSettings): { finish(): Promise<void> } {
  const env = { PATH: process.env['PATH'], SOAK_ENGINE: JSON.stringify(settings) };
  const running = startProcess(run, 'engine', typescript(join(__dirname, 'engine-process.ts')), { env, ipc: true });
  const ended = new Promise<void>((resolve) => running.child.once('close', () => resolve()));
  return {
    finish: async () => {
      if (running.isRunning()) running.child.send('stop');
      await ended;
      if (running.child.exitCode !== 0) throw new Error(`the engine failed:\n${running.log().slice(-2_000)}`);
    },
  };
}

/** Everything that is monitored, and what monitors it. It ends with the run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../../contract/server-names.ts';
import type { Env } from '../../../temporal-server/env.ts';
import { SECRET } from '../../support/builders.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { DIST_CLI, runToEnd } from '../../support/processes.ts';
import type { Random } from '../../support/random.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { findTemporalCli, startOwnServer, type OwnServer } from '../../support/temporal-server.ts';
import { startDoctor, type Doctor } from './doctor.ts';
import { startArtifacts, startEngine, type ArtifactsMode, type Engine } from './engine.ts';
import { startPrometheus, type Prometheus } from './prometheus.ts';
import { Workers } from './workers.ts';

export type Installation = {
  readonly temporal: OwnServer;
  readonly postgres: TestPostgres;
  readonly workers: Workers;
  readonly engine: Engine;
  readonly doctor: Doctor;
  readonly prometheus: Prometheus;
  /** While this file exists, embedded workers find their store of secrets down. */
  readonly secretsFault: string;
  readonly random: Random;
  /** Writes the records that the log lacks. */
  readonly reconcile: () => Promise<void>;
};

/** Calls that end in a second. */
const CALLS_PER_SECOND = 1;

export async function openInstallation(
  run: SystemRun,
  { factor, random }: { readonly factor: number; readonly random: Random },
): Promise<Installation> {
  run.say('PostgreSQL, Temporal, artifacts API');
  const postgres = await startPostgres({ folder: run.folder });
  run.closers.push(() => postgres.close());
  const temporal = await startOwnServer({
    binary: await findTemporalCli(run.say),
    dbFile: join(run.folder, 'temporal.db'),
    searchAttributes: SEARCH_ATTRIBUTES,
  });
  run.closers.push(() => temporal.stop());
  const secretsFile = join(run.folder, 'secrets.json');
  writeFileSync(secretsFile, JSON.stringify({ main: SECRET }), { mode: 0o600 });
  // Of the engine, which starts after the API.
  const made: { engine?: Engine } = {};
  const artifactsUrl = await startArtifacts(run, (): ArtifactsMode => made.engine?.artifacts ?? 'ready');
  const { address } = temporal;
  const env: Env = {
    PATH: process.env['PATH'],
    HOME: run.folder,
    TEMPORAL_ADDRESS: address,
    TOPCALLS_DATABASE_URL: postgres.url,
  };
  const cli = (...args: readonly string[]) => runToEnd(args.join(' '), [process.execPath, DIST_CLI, ...args], env);
  await cli('db', 'migrate');
  run.say('a stand-alone and an embedded worker, the doctor, Prometheus');
  const secretsFault = join(run.folder, 'secrets-are-down');
  const workers = new Workers(run, { address, artifactsUrl, databaseUrl: postgres.url, secretsFile, secretsFault });
  await workers.useNormal();
  const doctor = await startDoctor(run, env);
  const { targetsFile } = workers;
  const prometheus = await startPrometheus(run, { factor, targetsFile, doctorAddress: doctor.address });
  // The vendor's times, made shorter like everything else.
  const policy = {
    settleDelayMs: 15_000 / factor,
    artifactDeadlineMs: 60_000 / factor,
    retryDelaysMs: [60_000, 300_000, 900_000, 3_600_000].map((ms) => Math.round(ms / factor)),
  };
  const engine = await startEngine(run, address, { perSecond: CALLS_PER_SECOND, random, policy });
  made.engine = engine;
  const reconcile = async (): Promise<void> => {
    await cli('reconcile', '--since', '2h');
  };
  return { temporal, postgres, workers, engine, doctor, prometheus, secretsFault, random, reconcile };
}

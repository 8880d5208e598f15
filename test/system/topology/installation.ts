/**
 * Brings the whole of docker-compose.yml up, service by service, with an engine and customers' servers beside it.
 * What differs from the containers:
 * - the Web UI is left out: nothing here needs it;
 * - addresses: every service listens on 127.0.0.1, on free ports, and so do the receivers. The worker has to be allowed
 *   loopback and http, which it refuses with the image's NODE_ENV=production, so that is not set;
 * - PostgreSQL has the file's user, password and password check (scram-sha-256), and no fsync;
 * - signing secrets are made for the run, in a file that only its owner reads.
 */
import { delimiter, join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../../temporal-server/ports.ts';
import { readLog } from '../../support/log-file.ts';
import { DIST_CLI, runToEnd, saysReady, startProcess, untilReady } from '../../support/processes.ts';
import type { RunningProcess } from '../../support/processes.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import type { ArrivedLine, ReceiverLine } from '../../support/receiver-lines.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { openSystemStage, SECRET_REF } from '../../support/system-stage.ts';
import { LOOPBACK_ENV } from '../../support/worker-process.ts';
import { environmentOf, imageVersion, readServices } from './compose-file.ts';
import type { Service, Services } from './compose-file.ts';
import { gatherPrograms } from './programs.ts';
import { makeNamespace, setUpSchema, startTemporal } from './temporal.ts';

/** A row of the delivery log, as far as it is looked at. */
export type DeliveryRow = {
  readonly webhookId: string;
  readonly state: string;
  readonly attempts: readonly unknown[];
};

/** What plays calls on an installation, wherever it runs. */
export type Engine = {
  readonly client: Client;
  /** Reference of the signing secret. */
  readonly secretRef: string;
  /** URL whose webhooks are answered so, e.g. `503-200`: 503 to the first POST of a webhook, 200 from then on. */
  readonly hook: (answers: string) => string;
  /** What the customers' servers saw so far. */
  readonly posts: () => ArrivedLine[];
  /** A `db` command's JSON, asked with the worker's environment. */
  readonly db: (
    ...args: readonly string[]
  ) => Promise<{ readonly records: readonly DeliveryRow[]; readonly next?: string }>;
};

export type Installation = Engine & {
  readonly worker: RunningProcess;
  readonly postgres: TestPostgres;
  /** What `setup` said of the search attributes, the first and the second time. */
  readonly setups: readonly [string, string];
  readonly versions: Readonly<Record<'temporal' | 'postgresql' | 'node', string>>;
};

/** Everything up; it goes down with the run. */
export async function openInstallation(run: SystemRun): Promise<Installation> {
  const { folder, say } = run;
  const services = readServices();
  const version = imageVersion(services.temporal);
  const bin = join(folder, 'bin');
  const schemas = await gatherPrograms(bin, version, say);
  const path = [bin, process.env['PATH']].join(delimiter);

  const { POSTGRES_USER: user = '', POSTGRES_PASSWORD: password = '' } = services.postgresql.environment;
  const stage = await openSystemStage(run, { postgres: { user, password }, seed: 1 });
  const server = { services, path, schemas, postgresPort: stage.postgres.port };
  say('Temporal: schemas of both databases, twice, as a second `docker compose up` would');
  await setUpSchema(server);
  await setUpSchema(server);
  say(`Temporal server ${version}: frontend, history, matching and worker`);
  const address = await startTemporal(run, server);
  await makeNamespace(run, server, address);

  // HOME: a container has no Temporal profile of this machine's user.
  const environment = (name: keyof Services): Record<string, string> => ({
    PATH: path,
    HOME: folder,
    ...environmentOf(name, services[name], { TEMPORAL_ADDRESS: address, ...stage.settings }),
  });
  const cli = (name: keyof Services, args = services[name].command) =>
    runToEnd(name, [process.execPath, DIST_CLI, ...args], environment(name));
  const setUp = async (time: string): Promise<string> => {
    const startedAt = Date.now();
    const { stderr } = await cli('webhooks-setup');
    // Lines about the Schedules follow.
    const said = stderr.split('\n').find((line) => /^(?:added \d|nothing to do)/.test(line)) ?? '';
    say(`setup, ${time} time: ${said} (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)`);
    return said;
  };
  const setups = [await setUp('first'), await setUp('second')] as const;
  await cli('webhooks-database');

  const workerEnvironment = environment('webhooks-worker');
  const worker = await startWorker(run, services['webhooks-worker'], workerEnvironment);
  const connection = await Connection.connect({ address });
  const namespace = workerEnvironment['TEMPORAL_NAMESPACE'] ?? '';
  const { customers, postgres } = stage;
  return {
    client: new Client({ connection, namespace }),
    worker,
    postgres,
    setups,
    versions: { temporal: version, postgresql: await versionOf(postgres), node: process.version },
    secretRef: SECRET_REF,
    hook: (answers) => `${customers.hooks.receiver}/answers/${answers}`,
    posts: () => readLog<ReceiverLine>(customers.log).filter((line) => line.type === 'arrived'),
    db: async (...args) => JSON.parse((await cli('webhooks-worker', ['db', ...args, '--json'])).stdout),
  };
}

async function startWorker(
  run: SystemRun,
  service: Service,
  environment: Readonly<Record<string, string>>,
): Promise<RunningProcess> {
  const port = await freePort();
  // The image sets the health port; its health check asks there, and so does this.
  const env = { ...environment, ...LOOPBACK_ENV, TOPCALLS_HEALTH_PORT: String(port) };
  const running = startProcess(run, 'webhooks-worker', [process.execPath, DIST_CLI, ...service.command], { env });
  await untilReady(running, () => saysReady(port));
  return running;
}

async function versionOf({ pool }: TestPostgres): Promise<string> {
  const { rows } = await pool.query<{ readonly server_version: string }>('show server_version');
  return rows[0]?.server_version ?? '';
}

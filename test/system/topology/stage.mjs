/**
 * Brings the whole of docker-compose.yml up, service by service in the file's order, with an engine and a receiver beside it.
 * What differs from the containers:
 * - the Web UI is left out: nothing here needs it;
 * - addresses: every service listens on 127.0.0.1, on free ports, and so does the receiver. Loopback and http have to be
 *   allowed to the worker, which it refuses with the image's NODE_ENV=production, so that is not set;
 * - PostgreSQL has the file's user, password and password check (scram-sha-256), and no fsync;
 * - signing secrets are made for the run, in a file only its owner reads.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { built, CLI } from './built.mjs';
import { environmentOf, imageVersion, readServices } from './compose-file.mjs';
import { startArtifactsApi } from './engine.mjs';
import { startPostgres } from './postgres.mjs';
import { runToEnd, startProcess, untilReady } from './processes.mjs';
import { gatherPrograms } from './programs.mjs';
import { makeNamespace, setUpSchema, startTemporal } from './temporal.mjs';

const { Client, Connection } = createRequire(import.meta.url)('@temporalio/client');
const { freePort } = built('cli/local-port');

/** The one reference in the secrets file. */
export const SECRET_REF = 'main';

/** Everything up; `stopAll` of processes.mjs takes it down, also where this stops half-way. */
export async function openStage(folder, say) {
  const services = readServices();
  const version = imageVersion(services.temporal);
  const schemas = await gatherPrograms(join(folder, 'bin'), version, say);
  const path = [join(folder, 'bin'), process.env.PATH].join(delimiter);

  say('PostgreSQL: a new cluster');
  const postgres = await startPostgres(folder, services.postgresql.environment);
  const server = { services, folder, path, schemas, postgres };
  say('Temporal: schemas of both databases, twice, as a second `docker compose up` would');
  await setUpSchema(server);
  await setUpSchema(server);
  say(`Temporal server ${version}: frontend, history, matching and worker`);
  const address = await startTemporal(server);
  await makeNamespace({ ...server, address });

  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const secretsFile = join(folder, 'secrets.json');
  writeFileSync(secretsFile, JSON.stringify({ [SECRET_REF]: secret }), { mode: 0o600 });
  const changes = {
    TEMPORAL_ADDRESS: address,
    TOPCALLS_ARTIFACTS_URL: await startArtifactsApi(),
    TOPCALLS_SECRETS_FILE: secretsFile,
    TOPCALLS_DATABASE_URL: postgres.url,
  };
  // HOME: a container has no Temporal profile of this machine's user.
  const environment = (name) => ({ PATH: path, HOME: folder, ...environmentOf(name, services[name], changes) });
  const cli = (name, args = services[name].command) =>
    runToEnd(name, [process.execPath, CLI, ...args], environment(name));
  const setups = [await setUp(cli, 'first', say), await setUp(cli, 'second', say)];
  await cli('webhooks-database');

  const receiver = await startReceiver(folder, secret);
  const worker = await startWorker(folder, services['webhooks-worker'], environment('webhooks-worker'));
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace: environment('webhooks-worker').TEMPORAL_NAMESPACE });
  /** A `db` command's JSON, asked with the worker's environment. */
  const db = async (...args) => JSON.parse((await cli('webhooks-worker', ['db', ...args, '--json'])).stdout);
  const versions = { temporal: version, postgresql: postgres.version, node: process.version };
  return { client, db, receiver, setups, versions, worker };
}

/** Resolves with the last line that `setup` says. */
async function setUp(cli, time, say) {
  const startedAt = Date.now();
  const { stderr } = await cli('webhooks-setup');
  const said = stderr.trimEnd().split('\n').at(-1);
  say(`setup, ${time} time: ${said} (${((Date.now() - startedAt) / 1_000).toFixed(1)} s)`);
  return said;
}

async function startWorker(folder, service, environment) {
  const port = await freePort();
  const env = {
    ...environment,
    // The image sets it; its health check asks there, and so does this.
    TOPCALLS_HEALTH_PORT: String(port),
    TOPCALLS_EGRESS_ALLOW_HTTP: 'true',
    TOPCALLS_EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
  };
  const running = startProcess('webhooks-worker', folder, [process.execPath, CLI, ...service.command], { env });
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await untilReady(running, isReady, 60_000);
  return running;
}

async function startReceiver(folder, secret) {
  const file = fileURLToPath(new URL('receiver-process.mjs', import.meta.url));
  const env = { PATH: process.env.PATH, WEBHOOK_SECRET: secret };
  const running = startProcess('receiver', folder, [process.execPath, file], { env, ipc: true });
  let url;
  running.child.once('message', ({ port }) => (url = `http://127.0.0.1:${port}`));
  await untilReady(running, () => url !== undefined, 30_000);
  return {
    /** URL whose webhooks are answered so, e.g. `503-200`. */
    hook: (answers) => `${url}/hook/${answers}`,
    notes: async () => (await fetch(`${url}/notes`)).json(),
  };
}

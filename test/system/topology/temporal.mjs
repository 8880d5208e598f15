/**
 * The services `temporal-schema`, `temporal` and `temporal-namespace`: the compose file's own commands and environments, on
 * the real programs. One server process with all four roles, as its image runs it, configured by the same variables.
 */
import { join } from 'node:path';
import { environmentOf } from './compose-file.mjs';
import { built } from './built.mjs';
import { runToEnd, startProcess, untilReady } from './processes.mjs';

const { isFree, someoneListens } = built('cli/local-port');

const HOST = '127.0.0.1';
/** What the images listen on by default; here every port is a free one. */
const PORTS = ['HTTP_PORT', 'MEMBERSHIP_PORT'].map((port) => `FRONTEND_${port}`);
for (const role of ['HISTORY', 'MATCHING', 'WORKER']) PORTS.push(`${role}_GRPC_PORT`, `${role}_MEMBERSHIP_PORT`);

/** Runs the service's schema command, which must be harmless on a database that has the schema already. */
export async function setUpSchema({ services, path, schemas, postgres }) {
  const service = services['temporal-schema'];
  const changes = { SQL_HOST: HOST, SQL_PORT: String(postgres.port) };
  const environment = environmentOf('temporal-schema', service, changes);
  const command = service.command.map((line) => line.replaceAll('/etc/temporal/schema', schemas));
  await runToEnd('temporal-schema', [...service.entrypoint, ...command], { PATH: path, ...environment });
}

/** Starts the server; resolves with its address once its frontend listens. */
export async function startTemporal({ services, folder, path, postgres }) {
  const service = services.temporal;
  const environment = environmentOf('temporal', service, {
    POSTGRES_SEEDS: HOST,
    DB_PORT: String(postgres.port),
    BIND_ON_IP: HOST,
  });
  const [port, ...others] = await lowPorts(1 + PORTS.length);
  for (const [index, name] of PORTS.entries()) environment[name] = String(others[index]);
  const ours = { FRONTEND_GRPC_PORT: String(port), DYNAMIC_CONFIG_FILE_PATH: dynamicConfigOf(service) };
  const env = { ...environment, ...ours, PATH: path, HOME: folder };
  const running = startProcess('temporal', folder, [join(folder, 'bin', 'temporal-server'), 'start'], { env });
  const address = `${HOST}:${port}`;
  await untilReady(running, () => someoneListens(address), 60_000);
  return address;
}

/** Waits for the server and makes the namespace, as the service does. */
export async function makeNamespace({ services, folder, path, address }) {
  const service = services['temporal-namespace'];
  const environment = environmentOf('temporal-namespace', service, { TEMPORAL_ADDRESS: address });
  const env = { PATH: path, HOME: folder, ...environment };
  await runToEnd('temporal-namespace', [...service.entrypoint, ...service.command], env);
}

/** Free ports below 32768: the server keeps its roles' ports in a smallint column, and dies of a higher one. */
async function lowPorts(count) {
  const ports = [];
  for (let port = 20_000 + Math.floor(Math.random() * 10_000); ports.length < count; port += 1) {
    if (port > 32_767) throw new Error('no free ports between 20000 and 32767');
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

/** Where the image looks for it; the compose file mounts ours there, and without one the server does not start. */
const DYNAMIC_CONFIG = '/etc/temporal/config/dynamicconfig/docker.yaml';

function dynamicConfigOf({ volumes = [] }) {
  const mount = volumes.find((volume) => volume.includes(`:${DYNAMIC_CONFIG}`));
  if (mount === undefined) throw new Error(`docker-compose.yml: service temporal mounts nothing at ${DYNAMIC_CONFIG}`);
  return mount.slice(0, mount.indexOf(':'));
}

/**
 * The services `temporal-schema`, `temporal` and `temporal-namespace`: the compose file's own commands and
 * environments, on the real programs. One server process with all four roles, as its image runs it, configured by the
 * same variables.
 */
import { join } from 'node:path';
import { isFree, someoneListens } from '../../../temporal-server/ports.ts';
import { runToEnd, startProcess, untilReady } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { environmentOf } from './compose-file.ts';
import type { Service, Services } from './compose-file.ts';

/** What the server's services need. */
export type ServerParts = {
  readonly services: Services;
  /** PATH with the programs of the images. */
  readonly path: string;
  /** Folder of the SQL schemas. */
  readonly schemas: string;
  readonly postgresPort: number;
};

const HOST = '127.0.0.1';
const ROLES = ['HISTORY', 'MATCHING', 'WORKER'];
/** What the images listen on by default, beside the frontend's gRPC port; here every port is a free one. */
const PORTS = [
  'FRONTEND_HTTP_PORT',
  'FRONTEND_MEMBERSHIP_PORT',
  ...ROLES.flatMap((role) => [`${role}_GRPC_PORT`, `${role}_MEMBERSHIP_PORT`]),
];

/** Runs the service's schema command, which must be harmless on a database that has the schema already. */
export async function setUpSchema({ services, path, schemas, postgresPort }: ServerParts): Promise<void> {
  const service = services['temporal-schema'];
  const changes = { SQL_HOST: HOST, SQL_PORT: String(postgresPort) };
  const environment = environmentOf('temporal-schema', service, changes);
  const command = service.command.map((line) => line.replaceAll('/etc/temporal/schema', schemas));
  await runToEnd('temporal-schema', [...service.entrypoint, ...command], { PATH: path, ...environment });
}

/** Starts the server; resolves with its address once its frontend listens. `dynamicConfig` is another file than the
 *  compose file's. `more` are variables of the image that the compose file does not set. */
export async function startTemporal(
  run: SystemRun,
  { services, path, postgresPort }: ServerParts,
  dynamicConfig = dynamicConfigOf(services.temporal),
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const service = services.temporal;
  const changes = { POSTGRES_SEEDS: HOST, DB_PORT: String(postgresPort), BIND_ON_IP: HOST };
  const [port, ...others] = await lowPorts(1 + PORTS.length);
  const env = {
    ...environmentOf('temporal', service, changes),
    ...Object.fromEntries(PORTS.map((name, index) => [name, String(others[index])])),
    ...more,
    FRONTEND_GRPC_PORT: String(port),
    DYNAMIC_CONFIG_FILE_PATH: dynamicConfig,
    PATH: path,
    HOME: run.folder,
  };
  const running = startProcess(run, 'temporal', [join(run.folder, 'bin', 'temporal-server'), 'start'], { env });
  const address = `${HOST}:${port}`;
  await untilReady(running, () => someoneListens(address));
  return address;
}

/** Waits for the server and makes the namespace, as the service does. */
export async function makeNamespace(run: SystemRun, { services, path }: ServerParts, address: string): Promise<void> {
  const service = services['temporal-namespace'];
  const environment = environmentOf('temporal-namespace', service, { TEMPORAL_ADDRESS: address });
  const env = { PATH: path, HOME: run.folder, ...environment };
  await runToEnd('temporal-namespace', [...service.entrypoint, ...service.command], env);
}

/** Free ports below 32768: the server keeps its roles' ports in a smallint column, and dies of a higher one. */
async function lowPorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = 20_000 + Math.floor(Math.random() * 10_000); ports.length < count; port += 1) {
    if (port > 32_767) throw new Error('no free ports between 20000 and 32767');
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

/** Where the image looks for it. The compose file mounts ours there; the server does not start without one. */
const DYNAMIC_CONFIG = '/etc/temporal/config/dynamicconfig/docker.yaml';

/** Path of the compose file's dynamic configuration. */
export function dynamicConfigOf({ volumes = [] }: Service): string {
  const mount = volumes.find((volume) => volume.includes(`:${DYNAMIC_CONFIG}`));
  if (mount === undefined) throw new Error(`docker-compose.yml: service temporal mounts nothing at ${DYNAMIC_CONFIG}`);
  return mount.slice(0, mount.indexOf(':'));
}

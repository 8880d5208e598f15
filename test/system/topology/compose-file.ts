/**
 * Reads docker-compose.yml, so that the topology is played from that file and cannot drift from it. Versions of
 * images, environments and commands of its services are taken. Only what a container has of its own (host names,
 * ports, folders) is changed. This is no Compose implementation: `${NAME:-default}` always gives the default.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const FILE = join(__dirname, '../../../docker-compose.yml');

/** A service, as far as it is played. */
export type Service = {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly volumes?: readonly string[];
};

/** The services that are played. */
export type Services = Readonly<
  Record<
    | 'postgresql'
    | 'temporal-schema'
    | 'temporal'
    | 'temporal-namespace'
    | 'webhooks-setup'
    | 'webhooks-database'
    | 'webhooks-worker',
    Service
  >
>;

/** Services of the file by name, merged and with variables filled in. */
export function readServices(): Services {
  const { services } = parse(readFileSync(FILE, 'utf8'), { merge: true }) as { services: unknown };
  return filled(services) as Services;
}

/** Version of a service's image: `postgres:16` → `16`. */
export function imageVersion({ image }: Service): string {
  return image.slice(image.lastIndexOf(':') + 1);
}

/** The service's environment with these values of ours. Throws where the file names no such variable: a change there
 *  has to be followed here. */
export function environmentOf(
  name: keyof Services,
  { environment }: Service,
  changes: Readonly<Record<string, string>>,
): Record<string, string> {
  for (const variable of Object.keys(changes)) {
    if (!(variable in environment)) throw new Error(`docker-compose.yml: service ${name} has no variable ${variable}`);
  }
  return { ...environment, ...changes };
}

function filled(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1').replaceAll('$$', '$');
  }
  if (Array.isArray(value)) return value.map((each) => filled(each));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each)]));
}

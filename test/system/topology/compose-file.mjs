/**
 * Reads docker-compose.yml, so that the topology is played from that file and cannot drift from it: images' versions,
 * environments and commands of its services are taken, and only what a container has of its own (host names, ports,
 * folders) is changed. Not a Compose implementation: `${NAME:-default}` always gives the default.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const FILE = new URL('../../../docker-compose.yml', import.meta.url);

/** Services of the file by name, merged and with variables filled in. */
export function readServices() {
  const { services } = parse(readFileSync(FILE, 'utf8'), { merge: true });
  return filled(services);
}

/** Version of a service's image: `postgres:16` → `16`. */
export function imageVersion({ image }) {
  return image.slice(image.lastIndexOf(':') + 1);
}

/** The service's environment with these values of ours. Throws where the file names no such variable: a change there has
 *  to be followed here. */
export function environmentOf(name, { environment }, changes) {
  for (const variable of Object.keys(changes)) {
    if (!(variable in environment)) throw new Error(`docker-compose.yml: service ${name} has no variable ${variable}`);
  }
  return { ...environment, ...changes };
}

function filled(value) {
  if (typeof value === 'string') {
    return value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1').replaceAll('$$', '$');
  }
  if (Array.isArray(value)) return value.map((each) => filled(each));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each)]));
}

/** What is in the image, without running the worker: its size, and what must and must not be there. */
import type { Check } from '../topology/checks.ts';
import { baseTags } from './base-images.ts';
import { megabytes } from './docker.ts';
import type { Docker } from './docker.ts';

/** Of `docker image inspect`: all layers, with those of the base image, uncompressed. */
const MAX_BYTES = 250e6;

/** Resolves with the checks. */
export async function checkContents(docker: Docker, tag: string): Promise<readonly Check[]> {
  const bytes = Number(await docker(['image', 'inspect', tag, '--format', '{{.Size}}']));
  const base = Number(await docker(['image', 'inspect', baseTags().final, '--format', '{{.Size}}']));
  const user = await docker(['image', 'inspect', tag, '--format', '{{.Config.User}}']);
  const inside = (script: string): Promise<string> =>
    docker(['run', '--rm', '--network', 'none', '--entrypoint', 'sh', tag, '-c', script]);
  const programs = await inside('cd /app/node_modules/@temporalio/core-bridge/releases && ls');
  const packagers = await inside('for each in npm npx yarn corepack; do command -v $each || true; done');
  const authorities = await inside('grep -c "BEGIN CERTIFICATE" /etc/ssl/certs/ca-certificates.crt || true');
  const version = await docker(['run', '--rm', '--network', 'none', tag, '--version']);
  return [
    {
      what: `all layers together have at most ${megabytes(MAX_BYTES)}`,
      ok: bytes <= MAX_BYTES,
      seen: `${megabytes(bytes)}, of which ${megabytes(base)} are Debian`,
    },
    { what: 'the SDK is there for one platform', ok: programs.split('\n').length === 1, seen: programs },
    { what: 'no package manager is there', ok: packagers === '', seen: packagers || 'none' },
    {
      what: 'the certificates that TLS servers need are there',
      ok: Number(authorities) > 100,
      seen: `${authorities} authorities`,
    },
    { what: 'its user is a number, and not root', ok: /^[1-9]\d*:[1-9]\d*$/.test(user), seen: user },
    { what: 'the command starts', ok: /^\d+\.\d+\.\d+/.test(version), seen: version },
  ];
}

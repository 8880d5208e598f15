/**
 * The images that the Dockerfile starts from. One that this machine does not have is pulled. Where nothing can be
 * pulled, a stand-in with the same tag is made: Debian by debootstrap, with node and npm of this machine. It has the
 * label STAND_IN, and stays on this machine until `docker rmi`.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { hasImage } from './docker.ts';
import type { Docker } from './docker.ts';

const ROOT = join(__dirname, '../../..');

/** Label of images that were made here because the real ones could not be pulled. */
export const STAND_IN = 'topcalls.stand-in';

const PULL_MS = 300_000;
const DEBOOTSTRAP_MS = 900_000;
const BUILD_MS = 900_000;

export type BaseImage = { readonly tag: string; readonly isStandIn: boolean; readonly bytes: number };

/** Makes sure that all of them are there. */
export async function provideBaseImages(run: SystemRun, docker: Docker): Promise<readonly BaseImage[]> {
  const { build, final } = baseTags();
  await provide(run, docker, final, () => makeDebian(run, docker, final));
  await provide(run, docker, build, () => makeNode(run, docker, { tag: build, from: final }));
  return Promise.all([build, final].map((tag) => facts(docker, tag)));
}

/** Tags of the Dockerfile's two stages. */
export function baseTags(): { readonly build: string; readonly final: string } {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const defaults = new Map([...text.matchAll(/^ARG (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]));
  const [build, final] = [...text.matchAll(/^FROM (\S+)/gm)].map(([, tag = '']) =>
    tag.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => defaults.get(name) ?? ''),
  );
  if (build === undefined || final === undefined) throw new Error('Dockerfile: two stages were expected');
  return { build, final };
}

/** Pulls the image unless it is there; makes a stand-in where it cannot be pulled. */
export async function provide(run: SystemRun, docker: Docker, tag: string, make: () => Promise<void>): Promise<void> {
  if (await hasImage(docker, tag)) return;
  run.say(`${tag}: pulling`);
  try {
    await docker(['pull', '--quiet', tag], PULL_MS);
  } catch (error) {
    const [first = ''] = (error as Error).message.split('\n').slice(1);
    run.say(`${tag}: cannot be pulled (${first.slice(0, 120)}); making a stand-in`);
    await make();
  }
}

async function facts(docker: Docker, tag: string): Promise<BaseImage> {
  const format = `{{.Size}} {{index .Config.Labels "${STAND_IN}"}}`;
  const [bytes, label] = (await docker(['image', 'inspect', tag, '--format', format])).split(' ');
  return { tag, isStandIn: label === 'true', bytes: Number(bytes) };
}

/** What Debian's own slim image leaves out. */
const LEFT_OUT = ['doc', 'groff', 'info', 'linda', 'lintian', 'locale', 'man'];

async function makeDebian({ folder }: SystemRun, docker: Docker, tag: string): Promise<void> {
  const root = join(folder, 'debian');
  const release = /bookworm|trixie/.exec(tag)?.[0] ?? 'stable';
  await sh('debootstrap', `debootstrap --variant=minbase ${release} ${root}`, DEBOOTSTRAP_MS);
  const shares = LEFT_OUT.map((name) => `${root}/usr/share/${name}`).join(' ');
  await sh(
    'clean',
    `find ${shares} -type f ! -name copyright -delete 2>&1 | grep -v 'No such file' || true
     rm -rf ${root}/var/cache/apt/* ${root}/var/lib/apt/lists/* ${root}/var/log/*`,
  );
  const changes = `-c 'CMD ["bash"]' -c 'LABEL ${STAND_IN}=true'`;
  await sh('docker import', `tar -C ${root} -c . | docker import ${changes} - ${tag}`);
  await docker(['image', 'inspect', tag]);
}

/** Has what the build stage needs of the real one: node, npm, binutils, certificates. */
async function makeNode(
  { folder }: SystemRun,
  docker: Docker,
  { tag, from }: { readonly tag: string; readonly from: string },
): Promise<void> {
  const context = join(folder, 'node');
  mkdirSync(context);
  const modules = (await runToEnd('npm root', ['npm', 'root', '--global'], process.env)).stdout.trim();
  cpSync(process.execPath, join(context, 'node'));
  cpSync(join(modules, 'npm'), join(context, 'npm'), { recursive: true });
  // A network that looks into TLS has a certificate of its own; npm in the container needs it as npm here does.
  const certificates = process.env['NODE_EXTRA_CA_CERTS'];
  if (certificates !== undefined) cpSync(certificates, join(context, 'extra.crt'));
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM ${from}
     RUN apt-get update && apt-get install -y --no-install-recommends binutils ca-certificates \\
       && rm -rf /var/lib/apt/lists/*
     COPY node /usr/local/bin/node
     COPY npm /usr/local/lib/node_modules/npm
     RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
     ${certificates === undefined ? '' : 'COPY extra.crt /etc/ssl/extra.crt\nENV NODE_EXTRA_CA_CERTS=/etc/ssl/extra.crt'}
     LABEL ${STAND_IN}=true`,
  );
  await docker(['build', '--network', 'host', '--tag', tag, context], BUILD_MS);
}

async function sh(name: string, script: string, timeoutMs?: number): Promise<void> {
  await runToEnd(name, ['sh', '-euc', script], process.env, timeoutMs);
}

/** The compose file as a project of its own on this machine: our network, no published ports, receivers on this machine. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Docker } from '../image/docker.ts';
import { goModuleProgram } from '../topology/programs.ts';

const ROOT = join(__dirname, '../../..');
/** Also the name of the network. */
export const PROJECT = 'topcalls-compose-test';
const COMPOSE = { version: '2.40.3', module: 'github.com/docker/compose/v2@v2.40.3' };
const UP_MS = 600_000;

export type Project = {
  /** Runs `docker compose …` on the project. */
  readonly compose: (args: readonly string[]) => Promise<string>;
  /** Ids of a service's containers, also of those that have ended. */
  readonly containers: (service: string) => Promise<readonly string[]>;
  /** What `docker inspect` says of a container by this format. */
  readonly inspect: (id: string, format: string) => Promise<string>;
  /** Resolves when so many containers of the service are healthy. */
  readonly healthy: (service: string, count: number) => Promise<void>;
};

/** Variables of docker-compose.yml that are set for this run. */
export type Settings = Readonly<Record<'WEBHOOK_SECRETS_FILE' | 'TOPCALLS_ARTIFACTS_URL', string>>;

/** Opens the project in the run's folder. It goes down, with its volumes, when the run ends. */
export async function openProject(
  run: SystemRun,
  docker: Docker,
  { gateway, settings }: { readonly gateway: string; readonly settings: Settings },
): Promise<Project> {
  const program = await composeProgram(docker, run.say);
  const override = join(run.folder, 'override.yml');
  writeFileSync(override, overrideOf(gateway));
  const files = ['-f', join(ROOT, 'docker-compose.yml'), '-f', override];
  // Not the file's own password: whatever has it written down somewhere would work by luck.
  const env = { ...process.env, ...settings, POSTGRES_PASSWORD: randomBytes(12).toString('hex') };
  const compose = async (args: readonly string[]): Promise<string> => {
    const command = [...program, '-p', PROJECT, ...files, '--profile', 'monitoring', ...args];
    return (await runToEnd(`compose ${args[0]}`, command, env, UP_MS)).stdout.trim();
  };
  run.closers.push(() => compose(['down', '--volumes', '--timeout', '40']));
  const containers = async (service: string): Promise<readonly string[]> => {
    const ids = await docker([
      'ps',
      '--all',
      '--quiet',
      `--filter=label=com.docker.compose.project=${PROJECT}`,
      `--filter=label=com.docker.compose.service=${service}`,
    ]);
    return ids === '' ? [] : ids.split('\n');
  };
  const inspect = (id: string, format: string): Promise<string> => docker(['inspect', id, '--format', format]);
  const healthy = async (service: string, count: number): Promise<void> => {
    await waitFor(
      `${count} healthy ${service}`,
      async () => {
        const states = await Promise.all(
          (await containers(service)).map((id) => inspect(id, '{{.State.Health.Status}} {{.State.ExitCode}}')),
        );
        return states.filter((state) => state.startsWith('healthy')).length === count;
      },
      120_000,
    );
  };
  return { compose, containers, inspect, healthy };
}

/** `docker compose` where the plugin is there, else the same program, built with Go. */
async function composeProgram(docker: Docker, say: SystemRun['say']): Promise<readonly string[]> {
  const hasPlugin = await docker(['compose', 'version']).then(
    () => true,
    () => false,
  );
  if (hasPlugin) return ['docker', 'compose'];
  const { program } = await goModuleProgram({ name: 'docker-compose', path: './cmd', ...COMPOSE }, say);
  return [program];
}

/** Ports of this machine may be taken. Receivers are on this machine, at an address that the guard would refuse. */
function overrideOf(gateway: string): string {
  const published = ['temporal', 'temporal-ui', 'prometheus', 'grafana'];
  return `services:
${published.map((service) => `  ${service}: { ports: !reset [] }`).join('\n')}
  webhooks-worker:
    environment: { TOPCALLS_EGRESS_ALLOW_HTTP: 'true', TOPCALLS_EGRESS_ALLOW_CIDRS: '${gateway}/32' }
networks:
  default: { name: ${PROJECT}, external: true }
`;
}

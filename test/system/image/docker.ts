/**
 * Docker of this machine, for the system tests that run the image: the daemon that answers, else one of our own, which
 * ends with the run.
 */
import { runToEnd, startProcess, untilReady } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';

/** Runs `docker …` and resolves with what it printed. Rejects with its output. */
export type Docker = (args: readonly string[], timeoutMs?: number) => Promise<string>;

const MISSING =
  'this needs Docker. Debian has it: apt-get install --no-install-recommends docker.io debootstrap iptables';

/** Finds the daemon, or starts one. Rejects, saying what to install, where there is none. */
export async function openDocker(run: SystemRun): Promise<Docker> {
  const docker: Docker = async (args, timeoutMs) =>
    (await runToEnd(`docker ${args[0]}`, ['docker', ...args], process.env, timeoutMs)).stdout.trim();
  if (await answers(docker)) return docker;
  run.say('no Docker daemon answers: dockerd, until this run ends');
  const daemon = startProcess(run, 'dockerd', ['dockerd'], { env: process.env });
  await untilReady(daemon, () => answers(docker)).catch((error: unknown) => {
    throw new Error(`${MISSING}\n${(error as Error).message}`, { cause: error });
  });
  return docker;
}

/** Whether this machine has the image. */
export function hasImage(docker: Docker, tag: string): Promise<boolean> {
  return docker(['image', 'inspect', tag]).then(
    () => true,
    () => false,
  );
}

/** A network of this run, and the address by which its containers reach this machine. */
export async function openNetwork(run: SystemRun, docker: Docker, name: string): Promise<string> {
  await docker(['network', 'create', name]);
  run.closers.push(() => docker(['network', 'rm', name]));
  return gatewayOf(docker, name);
}

/** The address by which containers of the network reach this machine. */
export function gatewayOf(docker: Docker, network: string): Promise<string> {
  return docker(['network', 'inspect', network, '--format', '{{(index .IPAM.Config 0).Gateway}}']);
}

/** As `docker images` counts: 10^6 bytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function answers(docker: Docker): Promise<boolean> {
  return docker(['info']).then(
    () => true,
    () => false,
  );
}

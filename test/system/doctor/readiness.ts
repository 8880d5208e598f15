/** Plays what /readyz of the stand-alone worker says: healthy, Temporal away, a required port down, a stop. */
import { readFileSync, writeFileSync } from 'node:fs';
import { freePort } from '../../../temporal-server/ports.ts';
import { DIST_CLI, startProcess, untilReady } from '../../support/processes.ts';
import type { SystemRun } from '../../support/system-run.ts';
import { waitFor } from '../../support/wait-for.ts';
import { LOOPBACK_ENV } from '../../support/worker-process.ts';
import type { Installation } from './installation.ts';
import type { Played } from './play.ts';

type Body = {
  readonly status: string;
  readonly reasons?: readonly string[];
  readonly required?: Readonly<Record<string, { readonly up: boolean }>>;
};

/** Plays all of them with one worker. */
export async function playReadiness(run: SystemRun, on: Installation): Promise<readonly Played[]> {
  const port = await freePort();
  const worker = startProcess(run, 'ready-worker', [process.execPath, DIST_CLI, 'worker'], {
    env: {
      ...on.env,
      PATH: process.env['PATH'],
      TOPCALLS_DATABASE_URL: on.postgres.url.replace(`:${on.postgres.port}/`, `:${on.logProxy.address.split(':')[1]}/`),
      TOPCALLS_ARTIFACTS_URL: 'none',
      TOPCALLS_HEALTH_PORT: String(port),
      TOPCALLS_READY_REQUIRES: 'log,secrets',
      ...LOOPBACK_ENV,
    },
  });
  const get = async (path: string): Promise<{ readonly status: number; readonly body: Body }> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2_000) });
    return { status: response.status, body: (await response.json()) as Body };
  };
  const isReady = () =>
    get('/readyz').then(
      ({ status }) => status === 200,
      () => false,
    );
  await untilReady(worker, isReady);
  const played: Played[] = [];
  /** Breaks something, and waits until /readyz says so and is well again. */
  const play = async (fault: string, reason: string, breaks: () => Promise<unknown>, heals: () => Promise<unknown>) => {
    const startedMs = Date.now();
    const wrong: string[] = [];
    const says = (wanted: string | undefined) =>
      waitFor(
        `${fault}: ${wanted ?? 'ready'}`,
        async () => {
          const { status, body } = await get('/readyz');
          return wanted === undefined ? status === 200 : status === 503 && body.reasons?.join() === wanted;
        },
        90_000,
      ).catch((error: unknown) => wrong.push((error as Error).message));
    await breaks();
    await says(reason);
    if ((await get('/healthz')).status !== 200) wrong.push('/healthz is not about the process');
    await heals();
    await says(undefined);
    played.push({ faults: [`/readyz: ${fault}`], wrong, tookMs: Date.now() - startedMs });
  };
  const freeze = (signal: NodeJS.Signals) => async () => process.kill(on.server.pid(), signal);
  await play('Temporal is frozen', 'temporal_silent', freeze('SIGSTOP'), freeze('SIGCONT'));
  await play(
    'Temporal is killed',
    'temporal_silent',
    () => on.server.kill('SIGKILL'),
    () => on.server.restart(),
  );
  const secrets = readFileSync(on.secretsFile, 'utf8');
  await play(
    'the secrets file is broken',
    'port_down',
    async () => writeFileSync(on.secretsFile, '{'),
    async () => writeFileSync(on.secretsFile, secrets),
  );
  await play(
    'the log is away',
    'port_down',
    async () => on.logProxy.refuse(),
    async () => on.logProxy.heal(),
  );
  const startedMs = Date.now();
  const ending = worker.end('SIGTERM');
  const last = await get('/readyz').catch(() => undefined);
  const code = await ending;
  const wrong = code === 0 && (last === undefined || last.status === 503) ? [] : [`exit code ${code}, ${last?.status}`];
  return [...played, { faults: ['/readyz: the worker stops'], wrong, tookMs: Date.now() - startedMs }];
}

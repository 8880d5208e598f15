/**
 * `/healthz` and `/readyz` for an orchestrator. Health: the process answers. Readiness: the worker polls, Temporal
 * answers, and the required ports are up. It is 503 before the worker is up, and from the first moment of a shutdown.
 * The body says why.
 */
import { createServer } from 'node:http';
import type { WebhookWorkerHealth } from '../../worker/index.ts';
import { listen, type Listening } from '../process/listen.ts';
import { pathOf } from '../process/request-path.ts';
import type { VersionStanding } from './tell-version.ts';

/** The states of the worker; only `running` can be ready. */
export type Readiness = 'starting' | 'running' | 'stopping';

/** Where the worker stands, and what is known of its health once it runs. */
export type Standing = {
  readonly state: Readiness;
  readonly health?: WebhookWorkerHealth | undefined;
  /** What its version is for. It decides nothing: a rollout waits for readiness, and makes the version current then. */
  readonly version?: VersionStanding | undefined;
};

/** Listens on all addresses, because probes come from outside the container. Rejects with CliError for a taken port. */
export async function startHealthServer(port: number, standing: () => Standing): Promise<Listening> {
  const server = createServer((request, response) => {
    const answer = answerTo(pathOf(request), standing());
    // No keep-alive: the idle connection of a probe would delay the end of the process.
    response.writeHead(answer.status, { 'content-type': 'application/json', connection: 'close' });
    response.end(`${JSON.stringify(answer.body)}\n`);
  });
  return listen(
    server,
    { port },
    {
      code: 'health_port',
      words: (reason) => `TOPCALLS_HEALTH_PORT: cannot listen on port ${port} (${reason}); choose another`,
    },
  );
}

function answerTo(
  pathname: string,
  { state, health, version }: Standing,
): { readonly status: number; readonly body: object } {
  if (pathname === '/healthz') return { status: 200, body: { status: 'ok' } };
  if (pathname !== '/readyz') return { status: 404, body: { error: 'try /healthz or /readyz' } };
  const isReady = state === 'running' && health?.ready !== false;
  const status = state === 'running' && !isReady ? 'unready' : state;
  return { status: isReady ? 200 : 503, body: { status, ...health, version } };
}

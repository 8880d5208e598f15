/**
 * `/healthz` and `/readyz` for an orchestrator. Health: the process answers. Readiness: the worker polls. It is 503
 * before the worker is up, and from the first moment of a shutdown.
 */
import { createServer } from 'node:http';
import { CliError, EXIT } from '../process/exit.ts';
import { pathOf } from '../process/request-path.ts';

/** A health endpoint that listens. */
export type HealthServer = { close(): Promise<void> };

/** The states of readiness; only `running` is ready. */
export type Readiness = 'starting' | 'running' | 'stopping';

/** Listens on all addresses, because probes come from outside the container. Rejects with CliError for a taken port. */
export async function startHealthServer(port: number, readiness: () => Readiness): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const answer = answerTo(pathOf(request), readiness());
    // No keep-alive: the idle connection of a probe would delay the end of the process.
    response.writeHead(answer.status, { 'content-type': 'application/json', connection: 'close' });
    response.end(`${JSON.stringify(answer.body)}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code ?? error.message;
      const message = `TOPCALLS_HEALTH_PORT: cannot listen on port ${port} (${reason}); choose another`;
      reject(new CliError('health_port', EXIT.failed, message, { cause: error }));
    });
    server.listen(port, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerTo(pathname: string, readiness: Readiness): { readonly status: number; readonly body: object } {
  if (pathname === '/healthz') return { status: 200, body: { status: 'ok' } };
  if (pathname === '/readyz') return { status: readiness === 'running' ? 200 : 503, body: { status: readiness } };
  return { status: 404, body: { error: 'try /healthz or /readyz' } };
}

/**
 * `/healthz` and `/readyz` for an orchestrator. Health: the process answers. Readiness: the worker polls; 503 from the
 * first moment of a shutdown on, and before the worker is up.
 */
import { createServer } from 'node:http';
import { CliError, EXIT } from '../process/exit.ts';
import { pathOf } from '../process/request-path.ts';

/** A health endpoint that listens. */
export type HealthServer = { close(): Promise<void> };

/** What readiness says: only `running` is ready. */
export type Readiness = 'starting' | 'running' | 'stopping';

/** Listens on all addresses, since probes come from outside the container. Rejects with CliError when the port is taken. */
export async function startHealthServer(port: number, readiness: () => Readiness): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const answer = answerTo(pathOf(request), readiness());
    // No keep-alive: a probe's idle connection would hold up the end of the process.
    response.writeHead(answer.status, { 'content-type': 'application/json', connection: 'close' });
    response.end(`${JSON.stringify(answer.body)}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = `TOPCALLS_HEALTH_PORT: cannot listen on port ${port} (${error.code ?? error.message}); choose another`;
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

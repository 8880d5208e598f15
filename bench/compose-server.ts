/** The real Temporal server with PostgreSQL, as docker-compose.yml starts it, for benches. */
import { delimiter, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { startPostgres, type TestPostgres } from '../test/support/postgres.ts';
import type { SystemRun } from '../test/support/system-run.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { imageVersion, readServices, type Services } from '../test/system/topology/compose-file.ts';
import { gatherPrograms } from '../test/system/topology/programs.ts';
import { makeNamespace, setUpSchema, startTemporal } from '../test/system/topology/temporal.ts';

export type ComposeServer = { readonly address: string; readonly postgres: TestPostgres; readonly version: string };

/** Starts both in the run's folder; they end with the run. `dynamicConfig` gives another file than the compose file's.
 *  Resolves once the namespace is served. */
export async function startComposeServer(
  run: SystemRun,
  dynamicConfig?: (services: Services) => string,
): Promise<ComposeServer> {
  const services = readServices();
  const version = imageVersion(services.temporal);
  const bin = join(run.folder, 'bin');
  const schemas = await gatherPrograms(bin, version, run.say);
  const { POSTGRES_USER: user = '', POSTGRES_PASSWORD: password = '' } = services.postgresql.environment;
  const postgres = await startPostgres({ user, password, folder: run.folder });
  run.closers.push(() => postgres.close());
  const path = [bin, process.env['PATH']].join(delimiter);
  const server = { services, path, schemas, postgresPort: postgres.port };
  await setUpSchema(server);
  const address = await startTemporal(run, server, dynamicConfig?.(services));
  await makeNamespace(run, server, address);
  await untilServed(address);
  return { address, postgres, version };
}

/** The server serves a new namespace some seconds after it was made. */
async function untilServed(address: string): Promise<void> {
  const connection = await Connection.connect({ address });
  const count = () => connection.workflowService.countWorkflowExecutions({ namespace: 'default' });
  await waitFor('the namespace', () =>
    count().then(
      () => true,
      () => false,
    ),
  );
  await connection.close();
}

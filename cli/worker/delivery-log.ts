/** The worker's delivery log: the PostgreSQL that TOPCALLS_DATABASE_URL names, or `none`. */
import type { Logger } from 'pino';
import { PostgresDeliveryLog, PostgresDeliveryLogError } from '../../adapters/index.ts';
import type { WorkerEnv } from '../environment/worker-config.ts';

/**
 * Opens the log and brings its schema up to date; any number of workers may do so at once. A server that does not
 * answer stops no worker: deliveries go on, and their runs stay open until it takes their records. What waiting cannot
 * cure (password, rights, a missing package) rejects with PostgresDeliveryLogError, before the worker polls. Undefined
 * if no database was chosen.
 */
export async function openWorkerLog(
  database: WorkerEnv['database'],
  logger: Logger,
): Promise<PostgresDeliveryLog | undefined> {
  if (database === undefined) return undefined;
  const log = new PostgresDeliveryLog({ ...database, autoMigrate: true });
  try {
    const applied = await log.migrate();
    logger.info({ applied }, 'worker.delivery_log_ready');
    return log;
  } catch (error) {
    if (error instanceof PostgresDeliveryLogError && error.code === 'postgres_unavailable') {
      logger.warn(
        { reason: error.message },
        'worker.delivery_log_unavailable: runs stay open until it takes their records',
      );
      return log;
    }
    await log.close();
    throw error;
  }
}

/** Door ./adapters: ready-made ports. It loads undici and no Temporal. The first PostgresDeliveryLog loads pg and
 *  kysely. */
export type {
  DeliveryFilter,
  DeliveryGroup,
  DeliveryLogEraser,
  DeliveryLogPruner,
  DeliveryLogReader,
  DeliveryLogStats,
  DeliveryPage,
  DeliveryStats,
  DeliveryStatsQuery,
  Pruned,
  PruneOptions,
} from '../activities/ports/delivery-log.ts';
export { LogDeliveryEvents, MemoryDeliveryEvents } from './delivery-events.ts';
export { HttpArtifactSource } from './http-artifact-source.ts';
export { MemoryArtifactSource, MemoryDeliveryLog } from './memory.ts';
export { PostgresDeliveryLog } from './postgres/delivery-log.ts';
export { PostgresDeliveryLogError } from './postgres/error.ts';
export type { PostgresDeliveryLogErrorCode } from './postgres/error.ts';
export { postgresMigrationSql } from './postgres/migration-sql.ts';
export type {
  PostgresClient,
  PostgresDeliveryLogOptions,
  PostgresPool,
  PostgresSchemaStatus,
} from './postgres/options.ts';
export { StaticSecrets, StaticSecretsError } from './static-secrets.ts';
export type { StaticSecretsRecord } from './static-secrets.ts';

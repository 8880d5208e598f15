/** Door ./worker: for a process that hosts deliveries. It loads the Temporal worker and undici; of pino only types. */
export { createWebhookWorker, WORKER_DEFAULTS } from './create-worker.ts';
export { NamespaceNotFoundError } from './namespace-not-found.ts';
export type { WebhookWorkerOptions } from './worker-options.ts';
export { UnreadableOpenRunsError } from './check-open-runs.ts';
export { withGuardedStorage } from './guarded-storage.ts';
export { webhookWorkerHealth } from './health.ts';
export type {
  NotReadyReason,
  PortHealth,
  WebhookWorkerHealth,
  WebhookWorkerHealthOptions,
  WorkerHealthWatch,
} from './health.ts';
export { webhookWorkerParts } from './worker-parts.ts';
export type { WebhookWorkerParts } from './worker-parts.ts';
export { temporalLogger } from './temporal-logger.ts';
export { METRIC_BUCKETS } from '../activities/metrics/metric-table.ts';
export { LOOPBACK_EGRESS } from '../contract/egress/policy.ts';
export type { EgressOptions } from '../contract/egress/policy.ts';

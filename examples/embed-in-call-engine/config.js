/**
 * Settings of engine and worker, from the environment; the package itself never reads it. The defaults fit one machine with
 * a PostgreSQL and `temporal server start-dev`.
 */
import { LOOPBACK_EGRESS } from '@topcalls/webhooks/contract';

const {
  DATABASE_URL = 'postgres://postgres:postgres@127.0.0.1:5432/postgres',
  TEMPORAL_ADDRESS = '127.0.0.1:7233',
  TEMPORAL_NAMESPACE = 'default',
  WEBHOOK_TASK_QUEUE = 'topcalls-webhooks',
  WEBHOOK_SETTLE_DELAY_MS = '15000',
  ALLOW_LOOPBACK_WEBHOOKS = '',
  PORT = '3000',
  ENGINE_URL = `http://127.0.0.1:${PORT}`,
  INTERNAL_TOKEN = '',
  ARTIFACTS_AFTER_MS = '17000',
} = process.env;

if (INTERNAL_TOKEN === '') throw new Error('INTERNAL_TOKEN is not set: the secret that engine and worker share');

export const config = {
  databaseUrl: DATABASE_URL,
  temporalAddress: TEMPORAL_ADDRESS,
  temporalNamespace: TEMPORAL_NAMESPACE,
  /** The same in engine and worker, or no webhook ever moves. */
  taskQueue: WEBHOOK_TASK_QUEUE,
  settleDelayMs: Number(WEBHOOK_SETTLE_DELAY_MS),
  /**
   * Where webhooks may go, the same in engine and worker: the engine refuses by it when a call is created, the worker when
   * it sends. Loopback is for trying things out on one machine, never for production.
   */
  egress: ALLOW_LOOPBACK_WEBHOOKS === 'yes' ? LOOPBACK_EGRESS : {},
  port: Number(PORT),
  /** Where the worker reaches the engine. */
  engineUrl: ENGINE_URL,
  /** What the worker shows at the engine's internal doors. */
  internalToken: INTERNAL_TOKEN,
  /** This example makes its artifacts up; the last one is ready this long after the call's end. */
  artifactsAfterMs: Number(ARTIFACTS_AFTER_MS),
};

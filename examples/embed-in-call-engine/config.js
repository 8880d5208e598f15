/**
 * Settings of engine and worker, from the environment. The package itself never reads the environment. The defaults fit
 * one machine with a PostgreSQL and `temporal server start-dev`.
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
  /** Must be the same in engine and worker: otherwise no worker takes the runs that the engine starts. */
  taskQueue: WEBHOOK_TASK_QUEUE,
  settleDelayMs: Number(WEBHOOK_SETTLE_DELAY_MS),
  /**
   * Where webhooks may go. Must be the same in engine and worker: the engine checks it when a call is created, the
   * worker when it sends. Loopback is for tests on one machine, never for production.
   */
  egress: ALLOW_LOOPBACK_WEBHOOKS === 'yes' ? LOOPBACK_EGRESS : {},
  port: Number(PORT),
  /** Where the worker reaches the engine. */
  engineUrl: ENGINE_URL,
  /** The token that the worker sends to the engine's internal routes. */
  internalToken: INTERNAL_TOKEN,
  /** This example invents its artifacts. The last one is ready this long after the call's end. */
  artifactsAfterMs: Number(ARTIFACTS_AFTER_MS),
};

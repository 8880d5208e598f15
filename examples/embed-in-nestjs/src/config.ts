/** Settings of both processes, from the environment. */
const { env } = process;

export const config = {
  port: Number(env.PORT ?? 3000),
  temporalAddress: env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233',
  temporalNamespace: env.TEMPORAL_NAMESPACE ?? 'default',
  /** The signing secret of account acct_1. In production the worker reads it from a vault at each attempt. */
  webhookSecret: env.WEBHOOK_SECRET ?? '',
  /** For development only: webhooks may reach this machine. */
  allowsLoopback: env.ALLOW_LOOPBACK_WEBHOOKS === 'yes',
};

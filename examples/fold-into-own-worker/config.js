/** Settings of both programs, from the environment. The defaults fit `temporal server start-dev`. */
const {
  TEMPORAL_ADDRESS = '127.0.0.1:7233',
  TASK_QUEUE = 'call-engine',
  WEBHOOK_SECRET = '',
  WEBHOOK_URL = '',
  SETTLE_DELAY_MS = '15000',
} = process.env;

export const config = {
  temporalAddress: TEMPORAL_ADDRESS,
  /** The host's own queue. Its workflows and the webhooks share it, and the client must name it. */
  taskQueue: TASK_QUEUE,
  /** What the customer of this example verifies with; `whsec_` and 24 to 64 bytes in base64. */
  webhookSecret: WEBHOOK_SECRET,
  webhookUrl: WEBHOOK_URL,
  settleDelayMs: Number(SETTLE_DELAY_MS),
};

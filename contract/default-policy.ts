/** The delivery policy of a client without options. Workflows do not load this file: a run brings its policy along.
 *  Pure data. */
import type { DeliveryPolicy } from './delivery-policy.ts';
import { DEFAULT_RETRY_DELAYS_MS } from './retry-schedule.ts';

/** Default wait before a completed call's artifacts are fetched, in ms. Source: the vendor's page, "Webhook
 *  Timing". */
export const DEFAULT_SETTLE_DELAY_MS = 15_000;
/** Default limit for the wait for artifacts, in ms, counted from the first fetch. */
export const DEFAULT_ARTIFACT_DEADLINE_MS = 60_000;

/** The policy of a client without options: 15 s, 60 s, and the ladder of the vendor's page. */
export const DEFAULT_DELIVERY_POLICY: DeliveryPolicy = {
  settleDelayMs: DEFAULT_SETTLE_DELAY_MS,
  artifactDeadlineMs: DEFAULT_ARTIFACT_DEADLINE_MS,
  retryDelaysMs: DEFAULT_RETRY_DELAYS_MS,
};

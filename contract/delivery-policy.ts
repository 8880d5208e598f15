/** The policy a run keeps to its end: it rides in the workflow's input, so a redeployed client changes no running ladder. */
import { DEFAULT_RETRY_DELAYS_MS } from './retry-schedule.ts';
import { DEFAULT_ARTIFACT_DEADLINE_MS, DEFAULT_SETTLE_DELAY_MS } from './settle-delay.ts';

export type DeliveryPolicy = {
  /** Rest of a completed call before its artifacts are fetched, ms from the run's start. */
  readonly settleDelayMs: number;
  /** How long artifacts are waited for, ms from the first fetch. */
  readonly artifactDeadlineMs: number;
  /** Waits of the ladder, ms, each from the end of the attempt before. */
  readonly retryDelaysMs: readonly number[];
};

export const DEFAULT_DELIVERY_POLICY: DeliveryPolicy = {
  settleDelayMs: DEFAULT_SETTLE_DELAY_MS,
  artifactDeadlineMs: DEFAULT_ARTIFACT_DEADLINE_MS,
  retryDelaysMs: DEFAULT_RETRY_DELAYS_MS,
};

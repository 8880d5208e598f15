/** The policy a run keeps to its end: it rides in the workflow's input, so a redeployed client changes no running
 *  ladder. */
import type { EventName } from './event-types.ts';
import { DEFAULT_RETRY_DELAYS_MS } from './retry-schedule.ts';

/** How long a completed call rests before its artifacts are fetched, in ms. Source: the vendor's page, "Webhook
 *  Timing". */
export const DEFAULT_SETTLE_DELAY_MS = 15_000;
/** How long artifacts are waited for after that, in ms. */
export const DEFAULT_ARTIFACT_DEADLINE_MS = 60_000;

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

/** Settle delay of an event, in ms: failed calls have no recording to wait for; a campaign's end waits so that the
 *  last call's report normally comes first. */
export function settleDelayFor(event: EventName, settleDelayMs: number): number {
  return event === 'call.completed' || event === 'campaign.completed' ? settleDelayMs : 0;
}

/** The delivery policy. It is part of the workflow's input, so a run keeps it to its end, even when a new client has
 *  another. */
import type { EventName } from './event-types.ts';

/** When a run fetches artifacts, and when it makes attempts. */
export type DeliveryPolicy = {
  /** Wait before a completed call's artifacts are fetched, ms from the run's start. */
  readonly settleDelayMs: number;
  /** How long artifacts are waited for, ms from the first fetch. The webhook then goes without them. */
  readonly artifactDeadlineMs: number;
  /** Waits of the ladder, ms. Each counts from the end of the attempt before it. */
  readonly retryDelaysMs: readonly number[];
};

/** The settle delay of an event, in ms: `settleDelayMs` for call.completed and campaign.completed, else 0. A failed
 *  call has no recording to wait for. A campaign's end waits so that the webhook of its last call normally comes
 *  first. */
export function settleDelayFor(event: EventName, settleDelayMs: number): number {
  return event === 'call.completed' || event === 'campaign.completed' ? settleDelayMs : 0;
}

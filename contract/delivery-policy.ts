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
  /** False where the task queue has a limit: the server counts no attempt that it hands out eagerly, which is together
   *  with the answer to a workflow task. Absent otherwise. */
  readonly eagerDelivery?: false;
};

/** The settle delay of an event, in ms: `settleDelayMs` for call.completed and campaign.completed, else 0. A failed
 *  call has no recording to wait for. A campaign's end waits so that the webhook of its last call normally comes
 *  first. */
export function settleDelayFor(event: EventName, settleDelayMs: number): number {
  return event === 'call.completed' || event === 'campaign.completed' ? settleDelayMs : 0;
}

/** When the first attempt of a run is promised for, ms since 1970: the run's start and its settle delay. A redelivery
 *  that brings its body along does not settle, so it is promised for its start. */
export function promisedAtMs({ event, policy, redelivery }: PromisedRun, startedAtMs: number): number {
  return startedAtMs + (redelivery?.body === undefined ? settleDelayFor(event, policy.settleDelayMs) : 0);
}

/** The part of a run's input that decides it. */
type PromisedRun = {
  readonly event: EventName;
  readonly policy: Pick<DeliveryPolicy, 'settleDelayMs'>;
  readonly redelivery?: { readonly body?: string };
};

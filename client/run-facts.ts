/** What is known of a run: what read-history.ts finds at the server, and the folds tell apart. Types only. */
import type { WebhookResult } from '../contract/delivery-state.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type { AnyRunInput, AttemptReport, CancelRequest, Delivered, DeliverInput } from '../contract/run-messages.ts';

/** One thing that happened in a run, as far as outcomes go. */
export type RunFact =
  | { readonly kind: 'attempt_failed'; readonly report: AttemptReport; readonly toldAtMs: number }
  | { readonly kind: 'fetching' }
  | { readonly kind: 'delivering'; readonly input: DeliverInput; readonly scheduledAtMs?: number }
  | { readonly kind: 'delivered'; readonly delivered: Delivered; readonly toldAtMs: number }
  | { readonly kind: 'gave_up'; readonly endpointId: string; readonly failureType: string | undefined }
  | { readonly kind: 'recording'; readonly record: DeliveryRecord }
  | { readonly kind: 'cancel_asked'; readonly request: CancelRequest }
  | { readonly kind: 'closed'; readonly result: WebhookResult };

/** A delivery activity that is open right now. */
export type PendingDelivery = {
  readonly activityId: string;
  /** Number of the attempt in flight or waited for, counted by Temporal within the activity. */
  readonly attempt: number;
  readonly isWaiting: boolean;
  readonly nextAttemptAtMs: number | undefined;
};

/** What the server tells of a run, decoded and in order. */
export type RunFacts = {
  readonly workflowId: string;
  readonly runId: string;
  /** The SDK's name of the run's status: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED … */
  readonly status: string;
  readonly taskQueue: string;
  readonly input: AnyRunInput | undefined;
  readonly facts: readonly RunFact[];
  readonly pending: readonly PendingDelivery[];
};

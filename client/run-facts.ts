/** What is known of a run: what read-run.ts finds at the server, and fold-run.ts tells apart. Types only. */
import type { AttemptsStopped } from '../contract/delivery.ts';
import type { WebhookResult } from '../contract/delivery-state.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type {
  AnyRunInput,
  AttemptReport,
  CancelSignal,
  Delivered,
  DeliverInput,
  RetryNowSignal,
} from '../contract/run-messages.ts';

/** One thing that happened in a run, as far as outcomes go, at the server's time. */
export type RunFact = { readonly atMs: number } & (
  | { readonly kind: 'timer_fired' }
  | { readonly kind: 'fetching' }
  | { readonly kind: 'fetched' }
  | { readonly kind: 'delivering'; readonly input: DeliverInput }
  | { readonly kind: 'attempt_failed'; readonly report: AttemptReport }
  | { readonly kind: 'delivered'; readonly delivered: Delivered }
  | { readonly kind: 'stopped'; readonly endpointId: string; readonly stop: AttemptsStopped }
  | { readonly kind: 'recording'; readonly record: DeliveryRecord }
  | { readonly kind: 'cancel_asked'; readonly signal: CancelSignal }
  | { readonly kind: 'retry_now_asked'; readonly signal: RetryNowSignal }
  | { readonly kind: 'closed'; readonly result: WebhookResult }
);

/** A delivery activity that is open right now. */
export type PendingDelivery = {
  readonly endpointId: string;
  /** Attempts made before the one that is in flight or waited for. */
  readonly attemptsMade: number;
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

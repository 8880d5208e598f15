/** What is known of a run. read-run.ts reads it from the server; fold-run.ts computes status and result. Types
 *  only. */
import type { WhoTerminated } from '../contract/who-asked.ts';
import type { AttemptsStopped } from '../contract/delivery.ts';
import type { Stalled, WebhookResult } from '../contract/delivery-state.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type {
  AnyRunInput,
  AttemptReport,
  CancelSignal,
  Delivered,
  DeliverInput,
  RetryNowSignal,
} from '../contract/run-messages.ts';

/** One thing that happened in a run and matters for its outcome. `atMs` is the server's time, ms since 1970. */
export type RunFact = { readonly atMs: number } & (
  | { readonly kind: 'timer_fired' }
  | { readonly kind: 'fetching' }
  | { readonly kind: 'fetched' }
  | { readonly kind: 'delivering'; readonly input: DeliverInput }
  | { readonly kind: 'attempt_failed'; readonly report: AttemptReport }
  | { readonly kind: 'delivered'; readonly delivered: Delivered }
  /** `by`: the identity of the worker whose attempt failed last. */
  | { readonly kind: 'stopped'; readonly endpointId: string; readonly stop: AttemptsStopped; readonly by?: string }
  /** Our side can send again: the wait of a delivery for us is over. */
  | { readonly kind: 'released'; readonly endpointId: string }
  | { readonly kind: 'recording'; readonly record: DeliveryRecord }
  /** `by`: the identity of who asked. `cause`: the reason of a request of the server. The workflow hears neither. */
  | { readonly kind: 'cancel_asked'; readonly signal: CancelSignal; readonly by?: string; readonly cause?: string }
  | { readonly kind: 'terminated'; readonly who: WhoTerminated }
  | { readonly kind: 'retry_now_asked'; readonly signal: RetryNowSignal; readonly by?: string }
  | { readonly kind: 'closed'; readonly result: WebhookResult }
);

/** A signal of a person, or the server's own cancel. */
export type AskedFact = Extract<RunFact, { readonly kind: 'retry_now_asked' | 'cancel_asked' }>;

/** A delivery activity that is open now. */
export type PendingDelivery = {
  readonly endpointId: string;
  /** Attempts made before the one that waits or is in flight. */
  readonly attemptsMade: number;
  readonly isWaiting: boolean;
  readonly nextAttemptAtMs: number | undefined;
  /** Since when its attempt is due, if no worker has started it for a while; ms since 1970. */
  readonly dueSinceMs?: number;
};

/** What the server knows of a run, decoded, in the order of its history. */
export type RunFacts = {
  readonly workflowId: string;
  readonly runId: string;
  /** The run's status by its SDK name: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED … */
  readonly status: string;
  readonly taskQueue: string;
  /** `deployment:build` that the run is pinned to; absent for runs without versions. */
  readonly version?: string;
  readonly input: AnyRunInput | undefined;
  readonly facts: readonly RunFact[];
  /** Those of the facts that no worker has taken up yet. Absent: all were. */
  readonly unheard?: readonly AskedFact[];
  readonly pending: readonly PendingDelivery[];
  /** While artifacts are polled for: what the source lacks, in words. */
  readonly artifactsAwaited?: string;
  /** The run that began with this history. Another run than this one if it was reset: it has a part of that history. */
  readonly originalRunId?: string;
  /** When the run started, by the server's clock, ms since 1970. */
  readonly startedAtMs?: number;
  /** Whether the server still delays the first workflow task of the run (`settle: 'startDelay'`), or did so to its end.
   *  The run has heard no signal then. */
  readonly isDelayed?: boolean;
  /** Why the run stands still; absent if it does not. */
  readonly stalled?: Stalled;
  /** Whether it stands still so that it takes up no signal. */
  readonly isDeaf?: boolean;
};

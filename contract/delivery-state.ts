/** States, attempts and outcomes that every side agrees on: workflow, client, log and receiver's support. Pure. */
import type { EventName } from './event-types.ts';

/** How a delivery ended. `terminated`: somebody ended the run with force, so it left no word of its own. */
export type DeliveryState = 'delivered' | 'failed' | 'gone' | 'refused' | 'cancelled' | 'terminated';

/** Where a run or a delivery stands. */
export type LiveState = 'settling' | 'fetching' | 'delivering' | 'retrying' | DeliveryState;

/** What one POST came to. `unknown`: the attempt never reported (its worker was killed or cut off); it may have reached
 *  the receiver. `not_sent`: it ended before a socket was opened for reasons of ours, e.g. the secret store was down. */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];
export const ATTEMPT_OUTCOMES = ['delivered', 'http', 'network', 'timeout', 'refused', 'unknown', 'not_sent'] as const;

/** What made an attempt go: the ladder, an operator's retryNow, or the first of a redelivery. */
export type AttemptTrigger = (typeof ATTEMPT_TRIGGERS)[number];
export const ATTEMPT_TRIGGERS = ['schedule', 'retry_now', 'redelivery'] as const;

/** One POST of one event to one endpoint. */
export type Attempt = {
  /** 1-based; counts on over retryNow, restarts on redelivery. */
  readonly number: number;
  readonly trigger: AttemptTrigger;
  /** ISO 8601 UTC with milliseconds. Of an `unknown` attempt: when it was due, as far as known. */
  readonly startedAt: string;
  /** Milliseconds until the verdict; 0 for an `unknown` attempt. */
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
  /** HTTP status, where an answer came. */
  readonly status?: number;
  /** Stable reason code, e.g. `http_503`, `connect_refused`, `address_resolved`; see docs/errors.md. */
  readonly code?: string;
  /** When the ladder goes on, ISO 8601 UTC; absent on the last attempt. */
  readonly nextAttemptAt?: string;
};

/** What the receiver answered, else why no answer came: `HTTP 503`, `connect_refused`, `unknown`. */
export function answerInWords({ status, code, outcome }: Pick<Attempt, 'status' | 'code' | 'outcome'>): string {
  return status === undefined ? (code ?? outcome) : `HTTP ${status}`;
}

/** One event to one endpoint, ended. */
export type DeliveryOutcome = {
  readonly endpointId: string;
  /** Host name of the URL, never the URL itself. */
  readonly host: string;
  readonly webhookId: string;
  readonly state: DeliveryState;
  /** Stable reason code, e.g. `http_503`, `http_410`, `scheme`. */
  readonly reason?: string;
  readonly attempts: readonly Attempt[];
};

/** What became of each artifact in the body. */
export type ArtifactStatus = 'ready' | 'unavailable' | 'timed_out' | 'not_expected' | 'too_large';
export type ArtifactStatuses = {
  readonly recording: ArtifactStatus;
  readonly transcript: ArtifactStatus;
  readonly summary: ArtifactStatus;
};

/** Outcome of a run, whatever its close status. */
export type WebhookResult = {
  readonly workflowId: string;
  readonly event: EventName;
  /** The worst of its deliveries, see `worstState`. */
  readonly state: DeliveryState;
  readonly deliveries: readonly DeliveryOutcome[];
  readonly artifacts?: ArtifactStatuses;
  readonly cancelReason?: string;
};

/** A delivery as it stands now. */
export type DeliveryStatus = Omit<DeliveryOutcome, 'state'> & {
  readonly state: LiveState;
  readonly nextAttemptAt?: string;
};

/** A run as it stands now; works with no worker running, and after the end. */
export type WebhookStatus = Omit<WebhookResult, 'state' | 'deliveries'> & {
  readonly state: LiveState;
  readonly deliveries: readonly DeliveryStatus[];
};

const WORST_FIRST: readonly DeliveryState[] = ['terminated', 'failed', 'refused', 'gone', 'cancelled', 'delivered'];

/** Whether a run or delivery that stands so has ended. */
export function isFinal(state: LiveState): state is DeliveryState {
  return (WORST_FIRST as readonly LiveState[]).includes(state);
}

/** The state that tells of the whole run: the first of terminated, failed, refused, gone, cancelled, delivered that
 *  any delivery has. */
export function worstState(states: readonly DeliveryState[]): DeliveryState {
  return WORST_FIRST.find((state) => states.includes(state)) ?? 'delivered';
}

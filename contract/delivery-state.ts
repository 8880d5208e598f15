/** States, attempts and outcomes, in the words that workflow, client and delivery log share. Pure. */
import type { EventName } from './event-types.ts';
import type { Repair } from './event-data.ts';

/** Every state in which a delivery or a run can end, the worst first. */
export const FINAL_STATES = ['terminated', 'failed', 'refused', 'gone', 'cancelled', 'delivered'] as const;

/** How a delivery or a run ended.
 *  - `delivered`: an attempt was answered with 2xx
 *  - `failed`: every attempt of the ladder is spent
 *  - `gone`: the receiver answered 410
 *  - `refused`: our own rules forbid the request, for example a private address or an unknown secret
 *  - `cancelled`: a person or the host cancelled it
 *  - `terminated`: the run was ended by force, before it could record an outcome */
export type DeliveryState = (typeof FINAL_STATES)[number];

/** Where a run or a delivery stands. `settling`: the settle delay runs. `fetching`: it waits for the artifacts.
 *  `delivering`: no attempt has failed yet. `retrying`: an attempt has failed, and another one follows.
 *  `waiting_for_us`: our own side cannot send, for example because the secret store is down. It spends no attempt. */
export type LiveState = 'settling' | 'fetching' | 'delivering' | 'retrying' | 'waiting_for_us' | DeliveryState;

/** How one attempt ended.
 *  - `delivered`: the receiver answered 2xx
 *  - `http`: it answered another status
 *  - `network`: no answer, for example the connection was refused
 *  - `timeout`: no answer in time
 *  - `refused`: our own rules forbid the request
 *  - `unknown`: the attempt never reported, because its worker was killed or cut off. It may have reached the receiver
 *  - `not_sent`: a fault of ours ended it before anything was sent, for example the secret store was down. It spends no
 *    attempt, unless the delivery has waited for us ten times already */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];
export const ATTEMPT_OUTCOMES = ['delivered', 'http', 'network', 'timeout', 'refused', 'unknown', 'not_sent'] as const;

/** What made an attempt go. `schedule`: the ladder. `retry_now`: a retryNow ended the wait before it. `redelivery`:
 *  it is the first attempt of a redelivery. */
export type AttemptTrigger = (typeof ATTEMPT_TRIGGERS)[number];
export const ATTEMPT_TRIGGERS = ['schedule', 'retry_now', 'redelivery'] as const;

/** One POST of one event to one endpoint. */
export type Attempt = {
  /** From 1 up. A retryNow counts on; a redelivery starts again at 1. */
  readonly number: number;
  readonly trigger: AttemptTrigger;
  /** ISO 8601 UTC with milliseconds. For an `unknown` attempt it is the time at which the attempt was due. */
  readonly startedAt: string;
  /** Milliseconds from the start to the outcome; 0 for an `unknown` attempt. */
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** Stable reason code, e.g. `http_503`, `connect_refused`, `address_resolved`; see docs/errors.md. */
  readonly code?: string;
  /** When the next attempt is due, ISO 8601 UTC; absent on the last attempt. */
  readonly nextAttemptAt?: string;
};

/** The answer in words: `HTTP 503`. If no answer came, the reason code or the outcome: `connect_refused`,
 *  `unknown`. */
export function answerInWords({ status, code, outcome }: Pick<Attempt, 'status' | 'code' | 'outcome'>): string {
  return status === undefined ? (code ?? outcome) : `HTTP ${status}`;
}

/** The outcome of one delivery: one event to one endpoint. */
export type DeliveryOutcome = {
  readonly endpointId: string;
  /** Host name of the URL, never the URL itself. */
  readonly host: string;
  readonly webhookId: string;
  readonly state: DeliveryState;
  /** Stable reason code, e.g. `http_503`, `http_410`, `scheme`; see docs/errors.md. Absent when delivered. */
  readonly reason?: string;
  readonly attempts: readonly Attempt[];
};

/** The three artifacts, in the order in which bodies and statuses name them. */
export const ARTIFACT_NAMES = ['recording', 'transcript', 'summary'] as const;

/** What became of one artifact.
 *  - `ready`: it is in the body
 *  - `unavailable`: it does not exist, and never will
 *  - `timed_out`: it was not made within the artifact deadline
 *  - `unreadable`: at the artifact deadline the source still answered in a form that cannot be read
 *  - `not_expected`: the call was not meant to have one
 *  - `too_large`: it was left out of the body for its size */
export type ArtifactStatus = (typeof ARTIFACT_STATUSES)[number];
export const ARTIFACT_STATUSES = [
  'ready',
  'unavailable',
  'timed_out',
  'unreadable',
  'not_expected',
  'too_large',
] as const;

/** What became of each artifact, by its name. */
export type ArtifactStatuses = { readonly [Name in (typeof ARTIFACT_NAMES)[number]]: ArtifactStatus };

/** The outcome of a run, whatever its close status in Temporal. */
export type WebhookResult = {
  readonly workflowId: string;
  readonly event: EventName;
  /** The worst state of its deliveries. From worst to best: terminated, failed, refused, gone, cancelled,
   *  delivered. */
  readonly state: DeliveryState;
  readonly deliveries: readonly DeliveryOutcome[];
  /** Only for calls; absent when the run ended before the body was frozen. */
  readonly artifacts?: ArtifactStatuses;
  /** The reason of the first cancel that had one. */
  readonly cancelReason?: string;
  /** Who asked, by the server's history: the identity of that cancel, else of the first. The handle tells it. */
  readonly cancelledBy?: string;
  /** Of a run that was terminated or reset. */
  readonly terminateReason?: string;
  readonly terminatedBy?: string;
};

/** A delivery as it stands now. */
export type DeliveryStatus = Omit<DeliveryOutcome, 'state'> & {
  readonly state: LiveState;
  /** When the waiting attempt is due, ISO 8601 UTC; absent when no attempt waits. */
  readonly nextAttemptAt?: string;
  /** Which attempt waits, and of how many. `askedToWait`: it waits longer than the ladder says, because the receiver
   *  asked for it (`Retry-After`). Only a handle's `status()` tells it, and only while an attempt waits. */
  readonly nextAttempt?: { readonly number: number; readonly of: number; readonly askedToWait?: true };
  /** Since when the attempt is due, ISO 8601 UTC, if no worker has started it for 10 s. All slots are taken, or a limit
   *  of the task queue holds it back. Only a handle's `status()` tells it. */
  readonly dueSince?: string;
  /** Since when it waits for us, ISO 8601 UTC. Only in the state `waiting_for_us`; `reason` then says why. Absent if no
   *  worker of ours has told it. */
  readonly waitingSince?: string;
  /** The reference whose secret is unknown or empty, if `reason` says so. Only a handle's `status()` tells it. */
  readonly secretRef?: string;
  /** The worker that refused it, by its identity in history, if its egress options or its store of secrets decided:
   *  another worker of the task queue may have others. Only the command `status` tells it. */
  readonly refusedBy?: string;
};

/** Why a run stands still, as the server shows it.
 *  - `no_worker`: a task waits, and no worker polls the task queue
 *  - `task_failing`: its workflow task fails, by a bug or wrong keys, or its worker does not answer in time
 *  - `paused`: a person has paused its activity
 *  - `waiting_for_us`: our own side cannot send, for example because the secret store is down
 *  - `waiting_for_log`: the webhook is over, and the delivery log does not take its record
 *  - `waiting_for_notify`: the webhook is over and recorded, and the host does not take the event that tells of it */
export type Stalled = {
  readonly why: 'no_worker' | 'task_failing' | 'paused' | 'waiting_for_us' | 'waiting_for_log' | 'waiting_for_notify';
  /** What was seen, for people. */
  readonly problem: string;
  /** What to do. */
  readonly fix: string;
  /** Since when, ISO 8601 UTC; absent if the server does not say. */
  readonly since?: string;
  /** Of `no_worker` where workers have versions, as `deployment:build`: the one that the run is pinned to. If it is
   *  pinned to none, a version that polls and is not current. */
  readonly version?: string;
};

/** A signal that no worker has taken up yet. `at`: when it was asked for, ISO 8601 UTC. `endpointId`: absent if it
 *  means all; empty if it cannot be read. `by`: the identity of who asked. */
export type UnheardSignal = {
  readonly signal: 'cancel' | 'retryNow';
  readonly at: string;
  readonly endpointId?: string;
  readonly by?: string;
};

/** A run as it stands now. After its end, the states are final ones. */
export type WebhookStatus = Omit<WebhookResult, 'state' | 'deliveries'> & {
  /** Present if the run stands still. Only a handle's `status()` tells it; the query of the workflow cannot. */
  readonly stalled?: Stalled;
  /** Signals that no worker has taken up yet; absent if there is none. They work once a worker does. Nothing is said of
   *  a run whose start is delayed. Only a handle's `status()` tells it. */
  readonly unheard?: readonly UnheardSignal[];
  /** When the settle delay ends, ISO 8601 UTC; absent if the run does not settle. Only a handle's `status()` tells it.
   *  It is also there while the server delays the start of a run that was cancelled by signal: the run closes then. */
  readonly settlesUntil?: string;
  /** While artifacts are polled for: which the source lacks, and why, in words. Only a handle's `status()` tells it. */
  readonly artifactsAwaited?: string;
  /** What was changed about the reported data, so that it could be sent; absent when nothing was. */
  readonly repairs?: readonly Repair[];
  readonly state: LiveState;
  readonly deliveries: readonly DeliveryStatus[];
};

/** Whether a run or delivery in this state has ended. */
export function isFinal(state: LiveState): state is DeliveryState {
  return (FINAL_STATES as readonly LiveState[]).includes(state);
}

/** The state of a whole run: the worst of its deliveries' states, in the order of `FINAL_STATES`. */
export function worstState(states: readonly DeliveryState[]): DeliveryState {
  return FINAL_STATES.find((state) => states.includes(state)) ?? 'delivered';
}

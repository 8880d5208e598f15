/**
 * Computes status and result from the facts of a run. It tells the facts to the same `RunLife` that the workflow
 * uses, so both come to the same answer. No worker is needed, and the run may be open or closed. Pure.
 */
import {
  isFinal,
  worstState,
  type ArtifactStatuses,
  type DeliveryOutcome,
  type DeliveryState,
  type UnheardSignal,
  type WebhookResult,
  type WebhookStatus,
} from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { carriedRepairs } from '../contract/carried-repairs.ts';
import { promisedAtMs } from '../contract/delivery-policy.ts';
import { RunLife } from '../contract/run-life.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { type CancelAsked, whoCancelled, type WhoCancelled, type WhoTerminated } from '../contract/who-asked.ts';
import type { PendingDelivery, RunFact, RunFacts } from './run-facts.ts';

/** Where the run stands. Undefined when it has no input of ours, so it is not a webhook run. */
export function statusOf(run: RunFacts): WebhookStatus | undefined {
  if (!isRunInput(run.input)) return undefined;
  const closed = run.facts.findLast((fact) => fact.kind === 'closed');
  const status = closed?.kind === 'closed' ? closed.result : lifeOf(run, run.input).status();
  // Beside an open delivery, what the host is told holds nothing up.
  const isBeside = run.stalled?.why === 'waiting_for_notify' && !isFinal(status.state);
  const stalled = isBeside ? undefined : run.stalled;
  const artifactsAwaited = status.state === 'fetching' ? run.artifactsAwaited : undefined;
  return { ...status, ...given({ repairs: carriedRepairs(run.input.repairs), stalled, artifactsAwaited }) };
}

/** The outcome of a closed run. A delivery that never ended is `terminated`. */
export function resultOf(status: WebhookStatus): WebhookResult {
  const { repairs: _repairs, stalled: _stalled, settlesUntil: _until, unheard: _unheard, ...told } = status;
  const deliveries = told.deliveries.map(
    ({ nextAttemptAt: _next, waitingSince: _since, secretRef: _ref, ...delivery }): DeliveryOutcome => ({
      ...delivery,
      state: isFinal(delivery.state) ? delivery.state : 'terminated',
    }),
  );
  return { ...told, deliveries, state: worstState(deliveries.map(({ state }) => state)) };
}

/** Payloads of the signal retryNow, one for each delivery whose next attempt waits. When the server shows the wait,
 *  the payload has `attemptsMade`, so that an attempt that never reported is counted. The server shows no wait that
 *  the workflow sleeps itself, and none for our own side. */
export function waitingDeliveries(run: RunFacts): { endpointId: string; attemptsMade?: number }[] {
  if (!isRunInput(run.input)) return [];
  return lifeOf(run, run.input).deliveries.flatMap(({ endpoint: { endpointId }, life }) => {
    const pending = pendingFor(endpointId, run);
    if (pending === undefined) return life.is === 'waiting' || life.is === 'held' ? [{ endpointId }] : [];
    const { attemptsMade, isWaiting } = pending;
    return isWaiting && attemptsMade > 0 ? [{ endpointId, attemptsMade }] : [];
  });
}

/** Whether an attempt has told its failure, and the server does not show the wait after it yet. Its worker reports the
 *  failure to the run first, and to the server moments later. */
export function isAboutToWait(run: RunFacts, { deliveries }: WebhookStatus, endpointId?: string): boolean {
  return deliveries.some((delivery) => {
    if (endpointId !== undefined && delivery.endpointId !== endpointId) return false;
    const pending = pendingFor(delivery.endpointId, run);
    if (pending === undefined || pending.isWaiting || isFinal(delivery.state)) return false;
    const last = delivery.attempts.at(-1);
    return last !== undefined && last.number > pending.attemptsMade && last.nextAttemptAt !== undefined;
  });
}

/** Those of the waits that a retryNow means whose sender saw the status `first`. While it looked for its wait, somebody
 *  else may have ended that wait. The one after the next attempt was not meant. */
export function waitsMeantBy(
  { deliveries }: WebhookStatus,
  waits: ReturnType<typeof waitingDeliveries>,
): ReturnType<typeof waitingDeliveries> {
  const made = new Map(deliveries.map(({ endpointId, attempts }) => [endpointId, attempts.length]));
  return waits.filter(({ endpointId, attemptsMade = 0 }) => attemptsMade <= (made.get(endpointId) ?? 0));
}

/** The final state of all deliveries, or of the delivery to `endpointId`. Undefined while one of them has not ended.
 *  The run may stay open longer, until the delivery log has taken its records. */
export function endOf({ deliveries }: WebhookStatus, endpointId?: string): DeliveryState | undefined {
  const asked = deliveries.filter((each) => endpointId === undefined || each.endpointId === endpointId);
  const states = asked.map(({ state }) => state);
  return states.every(isFinal) ? worstState(states) : undefined;
}

/** When the settle delay of an open run ends, ISO 8601 UTC. Undefined if the run does not settle. A run whose start is
 *  delayed settles to the delay's end, even if a signal has cancelled all its deliveries: nobody has heard it yet. */
export function settlesUntil(run: RunFacts, { state }: Pick<WebhookStatus, 'state'>): string | undefined {
  const { input, startedAtMs, status, isDelayed } = run;
  const settles = status === 'RUNNING' && (state === 'settling' || isDelayed === true);
  if (!settles || startedAtMs === undefined || !isRunInput(input)) return undefined;
  return new Date(promisedAtMs(input, startedAtMs)).toISOString();
}

/** Whether a cancel leaves no delivery that goes on: one of `endpointId`, or without it one of all. */
export function leavesNothing(run: RunFacts, endpointId: string | undefined): boolean {
  if (endpointId === undefined || !isRunInput(run.input)) return true;
  return lifeOf(run, run.input).deliveries.every(
    ({ isCancelled, hasEnded, endpoint }) => isCancelled || hasEnded || endpoint.endpointId === endpointId,
  );
}

/** By endpoint id, the attempts made so far, for each open delivery whose last attempt never reported. The server
 *  knows these attempts and the run does not. */
export function unreportedAttempts({ deliveries }: WebhookStatus): Readonly<Record<string, number>> {
  const open = deliveries.filter(({ state, attempts }) => !isFinal(state) && attempts.at(-1)?.outcome === 'unknown');
  return Object.fromEntries(open.map(({ endpointId, attempts }) => [endpointId, attempts.length]));
}

/** The record that the run gave to recordDelivery for an endpoint. It may not have reached the delivery log. */
export function decidedRecord({ facts }: Pick<RunFacts, 'facts'>, endpointId: string): DeliveryRecord | undefined {
  const fact = facts.findLast((each) => each.kind === 'recording' && each.record.endpointId === endpointId);
  return fact?.kind === 'recording' ? fact.record : undefined;
}

/** The body that every attempt sends. Undefined when no delivery was scheduled, other than to endpoints that their
 *  settings refuse: these have an empty one. */
export function frozenBody({ facts }: Pick<RunFacts, 'facts'>): string | undefined {
  const fact = facts.find((each) => each.kind === 'delivering' && each.input.body !== '');
  return fact?.kind === 'delivering' ? fact.input.body : undefined;
}

function isRunInput(input: AnyRunInput | undefined): input is AnyRunInput {
  return typeof input === 'object' && input !== null && Array.isArray(input.endpoints);
}

/** Who cancelled or terminated the run; with `endpointId`, who ended that delivery. The workflow never hears it, so it
 *  is no part of `statusOf`. */
export function whoEnded(run: RunFacts, endpointId?: string): WhoCancelled & WhoTerminated {
  if (!isRunInput(run.input)) return {};
  const terminated = run.facts.findLast((fact) => fact.kind === 'terminated');
  return {
    ...whoCancelled(foldedRun(run, run.input).cancels, endpointId),
    ...(terminated?.kind === 'terminated' ? terminated.who : {}),
  };
}

/** A signal of a person that changed nothing. `endpointId` is empty if it was meant for one endpoint and cannot be
 *  read. */
export type IgnoredSignal = {
  readonly signal: 'cancel' | 'retryNow';
  readonly atMs: number;
  readonly endpointId?: string;
};

/** The signals that changed nothing: for an endpoint that the run does not have, or at a wrong moment. */
export function ignoredSignals(run: RunFacts): readonly IgnoredSignal[] {
  return isRunInput(run.input) ? foldedRun(run, run.input).ignored : [];
}

/** What people have asked of an open run, and no worker has taken up. Nothing is said of a run whose start is delayed:
 *  it hears nothing before. */
export function unheardSignals({ status, isDelayed, unheard = [] }: RunFacts): readonly UnheardSignal[] {
  if (status !== 'RUNNING' || isDelayed === true) return [];
  return unheard.map(({ kind, signal, by, atMs }) => ({
    signal: kind === 'cancel_asked' ? 'cancel' : 'retryNow',
    at: new Date(atMs).toISOString(),
    ...given({ endpointId: signal.endpointId, by }),
  }));
}

/** A run is folded once, however many questions are asked about it: its history may have 10,000 signals. */
type FoldedRun = {
  readonly life: RunLife;
  readonly cancels: readonly CancelAsked[];
  readonly ignored: readonly IgnoredSignal[];
};
const folded = new WeakMap<RunFacts, FoldedRun>();

function lifeOf(run: RunFacts, input: AnyRunInput): RunLife {
  return foldedRun(run, input).life;
}

function foldedRun(run: RunFacts, input: AnyRunInput): FoldedRun {
  const known = folded.get(run) ?? fold(run, input);
  folded.set(run, known);
  return known;
}

function fold(run: RunFacts, input: AnyRunInput): FoldedRun {
  const life = new RunLife(run.workflowId, input);
  const cancels: CancelAsked[] = [];
  const ignored: IgnoredSignal[] = [];
  // Whether they change something is decided when a worker takes them up.
  const unheard = new Set<RunFact>(run.status === 'RUNNING' ? run.unheard : []);
  // Parsed once: the body may have 1.5 MiB, and each of ten endpoints has a fact of its own.
  const artifacts = artifactsIn(frozenBody(run));
  for (const fact of run.facts) {
    const hurried = happened(life, fact, artifacts);
    if (fact.kind === 'retry_now_asked' && hurried === 0 && !unheard.has(fact)) {
      ignored.push({ signal: 'retryNow', atMs: fact.atMs, ...given({ endpointId: fact.signal.endpointId }) });
    }
    if (fact.kind !== 'cancel_asked') continue;
    const { signal, by, cause } = fact;
    // One that came too late, or for an endpoint that the run does not have, cancelled nothing.
    const isHeard = life.of(signal.endpointId).some(({ isCancelled }) => isCancelled);
    const { endpointId, reason = cause } = signal;
    if (isHeard) cancels.push(given({ endpointId, reason, by }));
    else if (signal.letGo !== true && !unheard.has(fact))
      ignored.push({ signal: 'cancel', atMs: fact.atMs, ...given({ endpointId }) });
  }
  for (const delivery of life.deliveries) {
    const pending = pendingFor(delivery.endpoint.endpointId, run);
    if (run.status !== 'RUNNING') delivery.end(run.status === 'CANCELLED' ? 'cancelled' : 'terminated');
    else if (pending !== undefined) delivery.seen(pending.attemptsMade, waitUntil(pending));
  }
  return { life, cancels, ignored };
}

/** Tells the run's life one fact. Returns how many deliveries a retryNow hurried. */
function happened(life: RunLife, fact: RunFact, artifacts: ArtifactStatuses | undefined): number {
  const { atMs } = fact;
  if (fact.kind === 'timer_fired') life.timerFired(atMs);
  else if (fact.kind === 'fetching') life.fetching();
  else if (fact.kind === 'fetched') life.fetched();
  else if (fact.kind === 'cancel_asked') life.cancel(fact.signal, atMs);
  else if (fact.kind === 'retry_now_asked') return life.retryNow(fact.signal, atMs).length;
  else if (fact.kind === 'attempt_failed') life.reported(fact.report, atMs);
  else if (fact.kind === 'delivering') {
    const { endpoint, attemptsMade, trigger } = fact.input;
    life.prepared(artifacts);
    for (const delivery of life.of(endpoint.endpointId)) delivery.scheduled(attemptsMade, trigger, atMs);
  } else if (fact.kind === 'delivered') {
    for (const delivery of life.of(fact.delivered.endpointId)) {
      delivery.reported(fact.delivered, atMs);
      delivery.end('delivered');
    }
  } else if (fact.kind === 'released') {
    for (const delivery of life.of(fact.endpointId)) delivery.released();
  } else if (fact.kind === 'stopped') {
    for (const delivery of life.of(fact.endpointId)) delivery.stopped(fact.stop, atMs);
  } else if (fact.kind === 'recording') {
    const { endpointId, state, reason } = fact.record;
    for (const delivery of life.of(endpointId)) delivery.end(state, reason);
  }
  return 0;
}

/** When the wait between two attempts ends. Before the first attempt there is no such wait: it only needs a worker. */
function waitUntil({ attemptsMade, isWaiting, nextAttemptAtMs }: PendingDelivery): number | undefined {
  return isWaiting && attemptsMade > 0 ? nextAttemptAtMs : undefined;
}

function pendingFor(endpointId: string, { pending }: Pick<RunFacts, 'pending'>): PendingDelivery | undefined {
  return pending.find((each) => each.endpointId === endpointId);
}

/** What became of the artifacts, read from the frozen body. */
function artifactsIn(body: string | undefined): ArtifactStatuses | undefined {
  return body === undefined ? undefined : (JSON.parse(body) as { artifacts?: ArtifactStatuses }).artifacts;
}

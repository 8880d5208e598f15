/**
 * Folds the facts of a run. It tells them to the same `RunLife` that the workflow uses, so both come to the same
 * answer. No worker is needed, and the run may be open or closed. Pure.
 */
import type { ArtifactStatuses } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { RunLife } from '../contract/run-life.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import type { CancelAsked } from '../contract/who-asked.ts';
import type { PendingDelivery, RunFact, RunFacts } from './run-facts.ts';

/** A signal of a person that changed nothing. `endpointId` is empty if it was meant for one endpoint and cannot be
 *  read. */
export type IgnoredSignal = {
  readonly signal: 'cancel' | 'retryNow';
  readonly atMs: number;
  readonly endpointId?: string;
};

/** A run is folded once, however many questions are asked about it: its history may have 10,000 signals. */
export type FoldedRun = {
  readonly life: RunLife;
  readonly cancels: readonly CancelAsked[];
  readonly ignored: readonly IgnoredSignal[];
};
const folded = new WeakMap<RunFacts, FoldedRun>();

/** The life of every delivery, as the facts tell it. */
export function lifeOf(run: RunFacts, input: AnyRunInput): RunLife {
  return foldedRun(run, input).life;
}

/** The life, and what people asked of it. Kept with the run's facts. */
export function foldedRun(run: RunFacts, input: AnyRunInput): FoldedRun {
  const known = folded.get(run) ?? fold(run, input);
  folded.set(run, known);
  return known;
}

/** Whether this is an input of ours. A run of somebody else's workflow has another one, or none. */
export function isRunInput(input: AnyRunInput | undefined): input is AnyRunInput {
  return typeof input === 'object' && input !== null && Array.isArray(input.endpoints);
}

/** The body that every attempt sends. Undefined when no delivery was scheduled, other than to endpoints that their
 *  settings refuse: these have an empty one. */
export function frozenBody({ facts }: Pick<RunFacts, 'facts'>): string | undefined {
  const fact = facts.find((each) => each.kind === 'delivering' && each.input.body !== '');
  return fact?.kind === 'delivering' ? fact.input.body : undefined;
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

export function pendingFor(endpointId: string, { pending }: Pick<RunFacts, 'pending'>): PendingDelivery | undefined {
  return pending.find((each) => each.endpointId === endpointId);
}

/** What became of the artifacts, read from the frozen body. */
function artifactsIn(body: string | undefined): ArtifactStatuses | undefined {
  return body === undefined ? undefined : (JSON.parse(body) as { artifacts?: ArtifactStatuses }).artifacts;
}

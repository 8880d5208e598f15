/**
 * Facts of a run → status and result. The facts are fed to the same `RunLife` that the workflow keeps, so both say the same. Pure:
 * the same facts give the same answer, whether the run is open or closed, and whether a worker runs.
 */
import {
  isFinal,
  worstState,
  type ArtifactStatuses,
  type DeliveryOutcome,
  type DeliveryState,
  type WebhookResult,
  type WebhookStatus,
} from '../contract/delivery-state.ts';
import { RunLife } from '../contract/run-life.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type { PendingDelivery, RunFact, RunFacts } from './run-facts.ts';

/** Where a run stands. Undefined where the input cannot be read: it is not a run of ours. */
export function statusOf(run: RunFacts): WebhookStatus | undefined {
  if (!isRunInput(run.input)) return undefined;
  const closed = run.facts.findLast((fact) => fact.kind === 'closed');
  return closed?.kind === 'closed' ? closed.result : lifeOf(run, run.input).status();
}

/** The outcome of a run that has closed. What never ended was terminated. */
export function resultOf(status: WebhookStatus): WebhookResult {
  const deliveries = status.deliveries.map(({ nextAttemptAt: _none, ...delivery }): DeliveryOutcome => ({
    ...delivery,
    state: isFinal(delivery.state) ? delivery.state : 'terminated',
  }));
  return { ...status, deliveries, state: worstState(deliveries.map(({ state }) => state)) };
}

/** Deliveries whose next attempt waits in the ladder, as payloads of the signal retryNow. `attemptsMade` goes along where the
 *  server shows the wait: an attempt that never reported is counted then. A wait that the workflow sleeps itself has none. */
export function waitingDeliveries(run: RunFacts): { endpointId: string; attemptsMade?: number }[] {
  if (!isRunInput(run.input)) return [];
  return lifeOf(run, run.input).deliveries.flatMap(({ endpoint: { endpointId }, life }) => {
    const pending = pendingFor(endpointId, run);
    if (pending === undefined) return life.is === 'waiting' ? [{ endpointId }] : [];
    const { attemptsMade, isWaiting } = pending;
    return isWaiting && attemptsMade > 0 ? [{ endpointId, attemptsMade }] : [];
  });
}

/** The state in which a run's deliveries, or that of one endpoint, have ended; undefined while one of them has not. The run may
 *  stay open after that, until its delivery log takes what it has to record. */
export function endOf({ deliveries }: WebhookStatus, endpointId?: string): DeliveryState | undefined {
  const asked = deliveries.filter((each) => endpointId === undefined || each.endpointId === endpointId);
  const states = asked.map(({ state }) => state);
  return states.every(isFinal) ? worstState(states) : undefined;
}

/** Attempts made so far, by endpoint, where the last one never reported: only the server knows of it, not the run. */
export function unreportedAttempts({ deliveries }: WebhookStatus): Readonly<Record<string, number>> {
  const open = deliveries.filter(({ state, attempts }) => !isFinal(state) && attempts.at(-1)?.outcome === 'unknown');
  return Object.fromEntries(open.map(({ endpointId, attempts }) => [endpointId, attempts.length]));
}

/** The record that the run had handed to recordDelivery for an endpoint; it may not have got through. */
export function decidedRecord({ facts }: Pick<RunFacts, 'facts'>, endpointId: string): DeliveryRecord | undefined {
  const fact = facts.findLast((each) => each.kind === 'recording' && each.record.endpointId === endpointId);
  return fact?.kind === 'recording' ? fact.record : undefined;
}

/** The bytes that every attempt sends; undefined before they were frozen. */
export function frozenBody({ facts }: Pick<RunFacts, 'facts'>): string | undefined {
  const fact = facts.find((each) => each.kind === 'delivering');
  return fact?.kind === 'delivering' ? fact.input.body : undefined;
}

function isRunInput(input: AnyRunInput | undefined): input is AnyRunInput {
  return typeof input === 'object' && input !== null && Array.isArray(input.endpoints);
}

function lifeOf(run: RunFacts, input: AnyRunInput): RunLife {
  const life = new RunLife(run.workflowId, input);
  for (const fact of run.facts) happened(life, fact, run);
  for (const delivery of life.deliveries) {
    const pending = pendingFor(delivery.endpoint.endpointId, run);
    if (run.status !== 'RUNNING') delivery.end(run.status === 'CANCELLED' ? 'cancelled' : 'terminated');
    else if (pending !== undefined) delivery.seen(pending.attemptsMade, waitUntil(pending));
  }
  return life;
}

function happened(life: RunLife, fact: RunFact, run: RunFacts): void {
  const { atMs } = fact;
  if (fact.kind === 'timer_fired') life.timerFired(atMs);
  else if (fact.kind === 'fetching') life.fetching();
  else if (fact.kind === 'fetched') life.fetched();
  else if (fact.kind === 'cancel_asked') life.cancel(fact.signal, atMs);
  else if (fact.kind === 'retry_now_asked') life.retryNow(fact.signal, atMs);
  else if (fact.kind === 'attempt_failed') life.reported(fact.report, atMs);
  else if (fact.kind === 'delivering') {
    const { endpoint, attemptsMade, trigger } = fact.input;
    life.prepared(artifactsIn(frozenBody(run)));
    for (const delivery of life.of(endpoint.endpointId)) delivery.scheduled(attemptsMade, trigger, atMs);
  } else if (fact.kind === 'delivered') {
    for (const delivery of life.of(fact.delivered.endpointId)) {
      delivery.reported(fact.delivered, atMs);
      delivery.end('delivered');
    }
  } else if (fact.kind === 'stopped') {
    for (const delivery of life.of(fact.endpointId)) delivery.stopped(fact.stop, atMs);
  } else if (fact.kind === 'recording') {
    const { endpointId, state, reason } = fact.record;
    for (const delivery of life.of(endpointId)) delivery.end(state, reason);
  }
}

/** An attempt waits only between two attempts; before the first it waits for a worker. */
function waitUntil({ attemptsMade, isWaiting, nextAttemptAtMs }: PendingDelivery): number | undefined {
  return isWaiting && attemptsMade > 0 ? nextAttemptAtMs : undefined;
}

function pendingFor(endpointId: string, { pending }: Pick<RunFacts, 'pending'>): PendingDelivery | undefined {
  return pending.find((each) => each.endpointId === endpointId);
}

/** The frozen body says what became of the artifacts. */
function artifactsIn(body: string | undefined): ArtifactStatuses | undefined {
  return body === undefined ? undefined : (JSON.parse(body) as { artifacts?: ArtifactStatuses }).artifacts;
}

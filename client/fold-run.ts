/** Facts of a run → status and result. Pure: the same facts give the same answer, open or closed, worker or none. */
import { withoutNext } from '../contract/attempt-ledger.ts';
import {
  isFinal,
  worstState,
  type ArtifactStatuses,
  type DeliveryOutcome,
  type DeliveryState,
  type DeliveryStatus,
  type LiveState,
  type WebhookResult,
  type WebhookStatus,
} from '../contract/delivery-state.ts';
import type { Endpoint } from '../contract/endpoints.ts';
import { FAILURE_TYPES } from '../contract/failure-types.ts';
import { settleDelayFor } from '../contract/settle-delay.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type { RunInput } from '../contract/run-messages.ts';
import { attemptsBefore, attemptsOf, pendingFor } from './fold-attempts.ts';
import type { RunFact, RunFacts } from './run-facts.ts';

/** Where a run stands. Undefined where the input cannot be read: not a run of ours. */
export function statusOf(run: RunFacts): WebhookStatus | undefined {
  const { input } = run;
  if (!isRunInput(input)) return undefined;
  const closed = run.facts.findLast((fact) => fact.kind === 'closed');
  if (closed?.kind === 'closed') return closed.result;
  const phase = phaseOf(run, input);
  const deliveries = input.endpoints.map((endpoint) => deliveryOf(endpoint, run, phase));
  const all = [...deliveries, ...(input.redelivery?.settled ?? []).map(({ outcome }) => outcome)];
  const reason = cancelReasonOf(run.facts);
  const artifacts = artifactsOf(run) ?? input.redelivery?.artifacts;
  return {
    workflowId: run.workflowId,
    event: input.event,
    state:
      run.status === 'RUNNING' ? liveState(deliveries, phase) : worstState(all.map(({ state }) => finalState(state))),
    deliveries: all,
    ...(artifacts === undefined ? {} : { artifacts }),
    ...(reason === undefined ? {} : { cancelReason: reason }),
  };
}

/** The outcome of a run that has closed. */
export function resultOf(status: WebhookStatus): WebhookResult {
  const deliveries = status.deliveries.map(({ nextAttemptAt: _none, ...delivery }): DeliveryOutcome => ({
    ...delivery,
    state: finalState(delivery.state),
  }));
  return { ...status, deliveries, state: worstState(deliveries.map(({ state }) => state)) };
}

function isRunInput(input: RunInput | undefined): input is RunInput {
  return typeof input === 'object' && input !== null && Array.isArray(input.endpoints);
}

function phaseOf({ facts }: RunFacts, input: RunInput): LiveState {
  if (facts.some((fact) => fact.kind === 'delivering' || fact.kind === 'recording')) return 'delivering';
  if (facts.some((fact) => fact.kind === 'fetching')) return 'fetching';
  const settles = input.redelivery?.body === undefined && settleDelayFor(input.event, input.policy.settleDelayMs) > 0;
  return settles ? 'settling' : 'delivering';
}

function deliveryOf(endpoint: Endpoint, run: RunFacts, phase: LiveState): DeliveryStatus {
  const { endpointId, host, webhookId } = endpoint;
  const identity = { endpointId, host, webhookId };
  const decided = decidedRecord(run, endpointId);
  if (decided !== undefined) {
    const { state, reason, attempts } = decided;
    return { ...identity, state, ...(reason === undefined ? {} : { reason }), attempts };
  }
  const attempts = attemptsOf(endpointId, run);
  const delivered = run.facts.some((fact) => fact.kind === 'delivered' && fact.delivered.endpointId === endpointId);
  if (delivered) return { ...identity, state: 'delivered', attempts: withoutNext(attempts) };
  // The ladder has ended, but the run was closed, or stands, before the outcome was recorded.
  const gaveUp = run.facts.findLast((fact) => fact.kind === 'gave_up' && fact.endpointId === endpointId);
  if (gaveUp?.kind === 'gave_up' && pendingFor(endpointId, run) === undefined && run.status !== 'RUNNING') {
    const reason = attempts.at(-1)?.code ?? 'unknown';
    return { ...identity, state: endState(gaveUp.failureType), reason, attempts: withoutNext(attempts) };
  }
  if (run.status !== 'RUNNING') return { ...identity, state: closeState(run.status), attempts: withoutNext(attempts) };
  const pending = pendingFor(endpointId, run);
  const next = pending?.isWaiting === true && attempts.length > 0 ? pending.nextAttemptAtMs : undefined;
  return {
    ...identity,
    state: attempts.length > 0 ? 'retrying' : phase,
    attempts,
    ...(next === undefined ? {} : { nextAttemptAt: new Date(next).toISOString() }),
  };
}

/** Deliveries whose next attempt waits in the ladder, as requests of the signal retryNow. `attemptsMade` goes along where the
 *  server shows the wait, so that an attempt that never reported is counted; a wait the workflow sleeps itself has none. */
export function waitingDeliveries(
  run: RunFacts,
  status: WebhookStatus,
): { endpointId: string; attemptsMade?: number }[] {
  return status.deliveries.flatMap(({ endpointId, state }) => {
    const pending = pendingFor(endpointId, run);
    if (pending === undefined) return state === 'retrying' ? [{ endpointId }] : [];
    const attemptsMade = attemptsBefore(pending);
    return pending.isWaiting && attemptsMade > 0 ? [{ endpointId, attemptsMade }] : [];
  });
}

/** The state in which a run's deliveries, or that of one endpoint, have ended; undefined while one of them has not. The run may stay
 *  open after that, until its delivery log takes what it has to record. */
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

function liveState(deliveries: readonly DeliveryStatus[], phase: LiveState): LiveState {
  return deliveries.some(({ state }) => state === 'retrying') ? 'retrying' : phase;
}

function endState(failureType: string | undefined): DeliveryState {
  if (failureType === FAILURE_TYPES.endpointGone) return 'gone';
  return failureType === FAILURE_TYPES.deliveryRefused ? 'refused' : 'failed';
}

/** State of a delivery that its run left without a word: by a terminate, or by a close we do not know. */
function closeState(status: string): DeliveryState {
  return status === 'CANCELLED' ? 'cancelled' : 'terminated';
}

function finalState(state: LiveState): DeliveryState {
  return isFinal(state) ? state : 'terminated';
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

/** The frozen body says what became of the artifacts. */
function artifactsOf(run: RunFacts): ArtifactStatuses | undefined {
  const body = frozenBody(run);
  return body === undefined ? undefined : (JSON.parse(body) as { artifacts?: ArtifactStatuses }).artifacts;
}

function cancelReasonOf(facts: readonly RunFact[]): string | undefined {
  for (const fact of facts) {
    if (fact.kind === 'cancel_asked' && fact.request.reason !== undefined) return fact.request.reason;
  }
  return undefined;
}

/** Facts of a run → status and result. Pure: the same facts give the same answer, open or closed, worker or none. */
import {
  isFinal,
  worstState,
  type ArtifactStatuses,
  type Attempt,
  type AttemptTrigger,
  type DeliveryOutcome,
  type DeliveryState,
  type DeliveryStatus,
  type LiveState,
  type WebhookResult,
  type WebhookStatus,
} from '../contract/delivery-state.ts';
import { timedAttempt } from '../contract/attempt-times.ts';
import type { Endpoint } from '../contract/endpoints.ts';
import { FAILURE_TYPES } from '../contract/failure-types.ts';
import { settleDelayFor } from '../contract/settle-delay.ts';
import type { RunInput } from '../contract/webhook-run.ts';
import type { PendingDelivery, RunFact, RunFacts } from './read-history.ts';

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
  const artifacts = artifactsOf(run.facts) ?? input.redelivery?.artifacts;
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
  const recorded = run.facts.findLast((fact) => fact.kind === 'recording' && fact.record.endpointId === endpointId);
  if (recorded?.kind === 'recording') {
    const { state, reason, attempts } = recorded.record;
    return { ...identity, state, ...(reason === undefined ? {} : { reason }), attempts };
  }
  const attempts = attemptsOf(endpointId, run);
  const delivered = run.facts.some((fact) => fact.kind === 'delivered' && fact.delivered.endpointId === endpointId);
  if (delivered) return { ...identity, state: 'delivered', attempts: withoutNext(attempts) };
  // The ladder has ended, but the run was closed, or stands, before the outcome was recorded.
  const gaveUp = run.facts.findLast((fact) => fact.kind === 'gave_up' && fact.endpointId === endpointId);
  if (gaveUp?.kind === 'gave_up' && pendingFor(endpointId, run) === undefined && run.status !== 'RUNNING') {
    return { ...identity, state: endState(gaveUp.failureType), attempts: withoutNext(attempts) };
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

/** Every attempt that is known of: those that reported, and gaps below the highest as `unknown`. */
function attemptsOf(endpointId: string, run: RunFacts): Attempt[] {
  const known = new Map<number, Attempt>();
  /** What made an attempt go, where it was not the ladder: an activity says it of its first. */
  const triggers = new Map<number, { readonly trigger: AttemptTrigger; readonly at: string | undefined }>();
  for (const fact of run.facts) {
    if (fact.kind === 'delivering' && fact.input.endpoint.endpointId === endpointId) {
      const { trigger, attemptsMade } = fact.input;
      const at = fact.scheduledAtMs === undefined ? undefined : new Date(fact.scheduledAtMs).toISOString();
      triggers.set(attemptsMade + 1, { trigger, at });
    }
    if (fact.kind !== 'attempt_failed' && fact.kind !== 'delivered') continue;
    const report = fact.kind === 'delivered' ? fact.delivered : fact.report;
    if (report.endpointId !== endpointId) continue;
    // Told twice, by signal and by the failure: the first time is the truer one.
    const { number, outcome } = report.attempt;
    if (known.get(number)?.outcome === outcome) continue;
    known.set(number, timedAttempt(report, known.get(number - 1), fact.toldAtMs));
  }
  const pending = pendingFor(endpointId, run);
  const made = pending === undefined ? 0 : attemptsBefore(pending);
  const highest = Math.max(made, 0, ...known.keys());
  const attempts: Attempt[] = [];
  for (let number = 1; number <= highest; number += 1) {
    attempts.push(known.get(number) ?? unknownAttempt(number, attempts.at(-1), triggers.get(number)));
  }
  return attempts;
}

/** Attempts made before the one that is in flight or waited for. The activity's id says how many it began with. */
export function attemptsBefore({ activityId, attempt }: PendingDelivery): number {
  const first = Number(activityId.split('.').at(-1));
  return (Number.isSafeInteger(first) ? first - 1 : 0) + attempt - 1;
}

/** The open delivery activity of an endpoint. */
export function pendingFor(endpointId: string, run: Pick<RunFacts, 'pending'>): PendingDelivery | undefined {
  return run.pending.find(({ activityId }) => activityId.startsWith(`deliver/${endpointId}/`));
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

/** An attempt that never reported: it started when it was scheduled or due, as far as that is known. */
function unknownAttempt(
  number: number,
  before: Attempt | undefined,
  { trigger, at }: { readonly trigger: AttemptTrigger; readonly at: string | undefined } = {
    trigger: 'schedule',
    at: undefined,
  },
): Attempt {
  const startedAt = at ?? before?.nextAttemptAt ?? before?.startedAt ?? new Date(0).toISOString();
  return { number, trigger, startedAt, durationMs: 0, outcome: 'unknown' };
}

/** No attempt follows the last one of a delivery that has ended. */
function withoutNext(attempts: readonly Attempt[]): Attempt[] {
  return attempts.map((attempt, index) => {
    if (index < attempts.length - 1) return attempt;
    const { nextAttemptAt: _none, ...last } = attempt;
    return last;
  });
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

/** The frozen body says what became of the artifacts. */
function artifactsOf(facts: readonly RunFact[]): ArtifactStatuses | undefined {
  const delivering = facts.find((fact) => fact.kind === 'delivering');
  if (delivering?.kind !== 'delivering') return undefined;
  return (JSON.parse(delivering.input.body) as { artifacts?: ArtifactStatuses }).artifacts;
}

function cancelReasonOf(facts: readonly RunFact[]): string | undefined {
  for (const fact of facts) {
    if (fact.kind === 'cancel_asked' && fact.request.reason !== undefined) return fact.request.reason;
  }
  return undefined;
}

/** Status and result of a run, and who asked for what, from its facts. fold-run.ts folds them. Pure. */
import {
  isFinal,
  worstState,
  type DeliveryOutcome,
  type UnheardSignal,
  type WebhookResult,
  type WebhookStatus,
} from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { carriedRepairs } from '../contract/carried-repairs.ts';
import { promisedAtMs } from '../contract/delivery-policy.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { whoCancelled, type WhoCancelled, type WhoTerminated } from '../contract/who-asked.ts';
import { foldedRun, isRunInput, lifeOf, type IgnoredSignal } from './fold-run.ts';
import type { RunFacts } from './run-facts.ts';

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

/** When the settle delay of an open run ends, ISO 8601 UTC. Undefined if the run does not settle. A run whose start is
 *  delayed settles to the delay's end, even if a signal has cancelled all its deliveries: nobody has heard it yet. */
export function settlesUntil(run: RunFacts, { state }: Pick<WebhookStatus, 'state'>): string | undefined {
  const { input, startedAtMs, status, isDelayed } = run;
  const settles = status === 'RUNNING' && (state === 'settling' || isDelayed === true);
  if (!settles || startedAtMs === undefined || !isRunInput(input)) return undefined;
  return new Date(promisedAtMs(input, startedAtMs)).toISOString();
}

/** The record that the run gave to recordDelivery for an endpoint. It may not have reached the delivery log. */
export function decidedRecord({ facts }: Pick<RunFacts, 'facts'>, endpointId: string): DeliveryRecord | undefined {
  const fact = facts.findLast((each) => each.kind === 'recording' && each.record.endpointId === endpointId);
  return fact?.kind === 'recording' ? fact.record : undefined;
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

/** Facts of a run → the attempts of one delivery, those that never reported included. Used by fold-run.ts. Pure. */
import { AttemptLedger } from '../contract/attempt-ledger.ts';
import type { Attempt } from '../contract/delivery-state.ts';
import type { PendingDelivery, RunFacts } from './run-facts.ts';

/** Every attempt that is known of: those that reported, and gaps below the highest as `unknown`. */
export function attemptsOf(endpointId: string, run: RunFacts): Attempt[] {
  const ledger = new AttemptLedger(run.input?.policy.retryDelaysMs ?? []);
  for (const fact of run.facts) {
    if (fact.kind === 'delivering' && fact.input.endpoint.endpointId === endpointId) {
      ledger.triggered(fact.input.attemptsMade + 1, fact.input.trigger, fact.scheduledAtMs);
    }
    if (fact.kind !== 'attempt_failed' && fact.kind !== 'delivered') continue;
    const report = fact.kind === 'delivered' ? fact.delivered : fact.report;
    if (report.endpointId === endpointId) ledger.enter(report, fact.toldAtMs);
  }
  const pending = pendingFor(endpointId, run);
  if (pending !== undefined) ledger.assumeMade(attemptsBefore(pending), 0);
  return ledger.attempts;
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

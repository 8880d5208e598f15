/** Facts of a run → the attempts of one delivery, those that never reported included. Used by fold-run.ts. Pure. */
import { lostAttemptAt, timedAttempt } from '../contract/attempt-times.ts';
import type { Attempt, AttemptTrigger } from '../contract/delivery-state.ts';
import type { PendingDelivery, RunFacts } from './run-facts.ts';

/** What made an attempt go, and when. */
type Start = { readonly trigger: AttemptTrigger; readonly at: string | undefined };

/** Every attempt that is known of: those that reported, and gaps below the highest as `unknown`. */
export function attemptsOf(endpointId: string, run: RunFacts): Attempt[] {
  const known = new Map<number, Attempt>();
  /** What made an attempt go, where it was not the ladder: an activity says it of its first. */
  const triggers = new Map<number, Start>();
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
  const delays = run.input?.policy.retryDelaysMs ?? [];
  const attempts: Attempt[] = [];
  for (let number = 1; number <= highest; number += 1) {
    attempts.push(known.get(number) ?? unknownAttempt(number, attempts.at(-1), delays, triggers.get(number)));
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

/** An attempt that never reported: it started when it was scheduled or due, as far as that is known. */
function unknownAttempt(
  number: number,
  before: Attempt | undefined,
  retryDelaysMs: readonly number[],
  { trigger = 'schedule', at }: Partial<Start> = {},
): Attempt {
  const startedAt = at ?? lostAttemptAt(before, retryDelaysMs) ?? new Date(0).toISOString();
  return { number, trigger, startedAt, durationMs: 0, outcome: 'unknown' };
}

/** No attempt follows the last one of a delivery that has ended. */
export function withoutNext(attempts: readonly Attempt[]): Attempt[] {
  return attempts.map((attempt, index) => {
    if (index < attempts.length - 1) return attempt;
    const { nextAttemptAt: _none, ...last } = attempt;
    return last;
  });
}

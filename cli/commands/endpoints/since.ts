/** Since when an endpoint is not well. Pure. */
import type { ListedRun } from '../../../client/list-runs.ts';
import type { Attempt } from '../../../contract/delivery-state.ts';
import type { OneFacts } from './facts.ts';

/** ISO 8601; absent where nothing tells it. `sinceBound`: what it is where it is not exact. `at_least`: earlier
 *  failures may exist that were not read. `about`: when a run began that waits and was not read. */
export type Since = { readonly since?: string; readonly sinceBound?: 'at_least' | 'about' };

/** The first failure after the last success, and whether there may be an earlier one. */
export function sinceOf(
  { ended, read, history }: OneFacts,
  {
    isOurs,
    waiting,
    lastDeliveredAt = '',
    lastAnswerAt,
  }: {
    /** It waits for our own side, so the receiver's failures are not its trouble. */
    readonly isOurs: boolean;
    readonly waiting: readonly ListedRun[];
    readonly lastDeliveredAt: string | undefined;
    readonly lastAnswerAt: string | undefined;
  },
): Since {
  const failures = read.flatMap(({ attempts, waitingSince }) =>
    isOurs ? (waitingSince ?? []) : attempts.filter(isFailure).map(({ startedAt }) => startedAt),
  );
  const failedAt = isOurs ? undefined : history?.failedAt;
  const known = earliest([...failures, failedAt].filter((at) => at !== undefined && at > lastDeliveredAt));
  const unread = waiting.filter(({ runId }) => !read.some((each) => each.runId === runId));
  const began = earliest(unread.map(({ startedAt }) => startedAt).filter((at) => at > lastDeliveredAt));
  if (known === undefined && began !== undefined) return { since: began, sinceBound: 'about' };
  const since = known ?? lastAnswerAt;
  if (since === undefined) return {};
  const isEndKnown = history?.isWhole ?? (lastDeliveredAt !== '' && ended?.lastEnd?.state === 'delivered');
  const isExact = known !== undefined && (isOurs || isEndKnown) && (began === undefined || began >= known);
  return isExact ? { since } : { since, sinceBound: 'at_least' };
}

/** Whether the receiver failed. A refusal is ours, and an attempt that was not sent reached nobody. */
export function isFailure({ outcome }: Pick<Attempt, 'outcome'>): boolean {
  return outcome !== 'delivered' && outcome !== 'not_sent' && outcome !== 'refused';
}

/** The latest of ISO times. */
export function latest(times: readonly (string | undefined)[]): string | undefined {
  return times.reduce((best, each) => (each !== undefined && each > (best ?? '') ? each : best), undefined);
}

/** The earliest of ISO times. */
export function earliest(times: readonly (string | undefined)[]): string | undefined {
  return times.reduce(
    (best, each) => (each !== undefined && (best === undefined || each < best) ? each : best),
    undefined,
  );
}

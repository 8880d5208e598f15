/** What ended, from Temporal's list alone: for a namespace without a delivery log. Pure. */
import type { ListedRun } from '../../../client/list-runs.ts';
import { isFinal, type DeliveryState } from '../../../contract/delivery-state.ts';
import { given } from '../../../contract/given.ts';
import { byEndpoint, type EndedNumbers } from './facts.ts';
import { latest } from './since.ts';

/** Numbers by endpoint. Of a run with several endpoints the list knows the worst state only, so its failure is no
 *  endpoint's. */
export function numbersFromList(runs: readonly ListedRun[]): readonly EndedNumbers[] {
  return [...byEndpoint(runs)].map(([key, own]) => {
    const telling = own.filter(({ state, endpointIds = [] }) => state === 'delivered' || endpointIds.length === 1);
    const delivered = telling.filter(({ state }) => state === 'delivered');
    const last = telling
      .filter(({ state }) => state !== 'cancelled' && state !== 'terminated')
      .reduce<ListedRun | undefined>(
        (best, run) => ((run.endedAt ?? '') > (best?.endedAt ?? '') ? run : best),
        undefined,
      );
    const lastEnd =
      last?.endedAt === undefined || !isFinal(last.state as DeliveryState)
        ? undefined
        : { at: last.endedAt, state: last.state as DeliveryState };
    return {
      key,
      deliveries: telling.length,
      delivered: delivered.length,
      refused: telling.filter(({ state }) => state === 'refused').length,
      accounts: new Set(own.flatMap(({ account }) => account ?? [])).size,
      ...given({ lastDeliveredAt: latest(delivered.map(({ endedAt }) => endedAt)), lastEnd }),
    };
  });
}

/** Names the worker that refused a delivery, beside the reason, where another worker may have decided otherwise. All
 *  workers of a task queue should have the same options, and nothing compares them. Pure. */
import type { DeliveryStatus } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import type { RunFacts } from './run-facts.ts';

/** Reason codes that a worker's own egress options or store of secrets decide. */
const BY_ITS_OPTIONS: ReadonlySet<string> = new Set([
  'scheme',
  'port',
  'address',
  'host_single_label',
  'host_special',
  'address_own',
  'address_resolved',
  'secret_unknown',
  'secret_empty',
]);

/** The deliveries with their `refusedBy`. One that an earlier run ended has none: that run knows it. */
export function withRefusedBy(
  deliveries: readonly DeliveryStatus[],
  { facts }: Pick<RunFacts, 'facts'>,
): readonly DeliveryStatus[] {
  return deliveries.map((delivery) => {
    if (delivery.state !== 'refused' || !BY_ITS_OPTIONS.has(delivery.reason ?? '')) return delivery;
    const stopped = facts.findLast((fact) => fact.kind === 'stopped' && fact.endpointId === delivery.endpointId);
    return { ...delivery, ...given({ refusedBy: stopped?.kind === 'stopped' ? stopped.by : undefined }) };
  });
}

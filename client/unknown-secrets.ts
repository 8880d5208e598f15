/** Names the reference of a secret that could not be used, beside the state that it caused. Pure. */
import type { DeliveryStatus } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { looksLikeSecret } from '../contract/secret-reference.ts';
import type { RunFacts } from './run-facts.ts';

/** Reason codes that mean: the store has no usable secret under this reference. */
const OF_A_SECRET: ReadonlySet<string> = new Set(['secret_unknown', 'secret_empty']);

/** The deliveries with the reference that the store does not know. A text that looks like a secret is never told. */
export function withSecretRefs(
  deliveries: readonly DeliveryStatus[],
  { input }: Pick<RunFacts, 'input'>,
): readonly DeliveryStatus[] {
  const others = (input?.redelivery?.alreadyEnded ?? []).map(({ endpoint }) => endpoint);
  const endpoints = [...(input?.endpoints ?? []), ...others];
  return deliveries.map((delivery) => {
    if (!OF_A_SECRET.has(delivery.reason ?? '')) return delivery;
    const secretRef = endpoints.find(({ endpointId }) => endpointId === delivery.endpointId)?.secretRef;
    const isTold = typeof secretRef === 'string' && !looksLikeSecret(secretRef);
    return { ...delivery, ...given({ secretRef: isTold ? secretRef : undefined }) };
  });
}

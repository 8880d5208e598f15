/**
 * Plans a redelivery: the same ids and bytes again, with a fresh ladder, as a new run under the same workflow id. Pure; what
 * it needs of the last run is read from that run's history.
 */
import type { DeliveryOutcome, WebhookResult } from '../contract/delivery-state.ts';
import type { Endpoint } from '../contract/endpoints.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import { AlreadyDeliveredError, UnknownEndpointError } from './errors.ts';
import { frozenBody } from './fold-run.ts';
import type { RunFacts } from './run-facts.ts';

/** What to deliver again. `endpointId`: one endpoint; default those not delivered. `force`: also what was delivered. */
export type RedeliverRequest = { readonly endpointId?: string; readonly force?: boolean };

/** Input of the new run. Default: the endpoints not delivered; outcomes of the others are carried along and count in the
 *  close status. Throws `AlreadyDeliveredError`, `UnknownEndpointError`. */
export function planRedelivery(
  run: RunFacts,
  input: AnyRunInput,
  result: WebhookResult,
  request: RedeliverRequest,
): AnyRunInput {
  const all: readonly Endpoint[] = [
    ...input.endpoints,
    ...(input.redelivery?.alreadyEnded ?? []).map(({ endpoint }) => endpoint),
  ];
  const outcomeOf = (endpoint: Endpoint): DeliveryOutcome | undefined =>
    result.deliveries.find(({ endpointId }) => endpointId === endpoint.endpointId);
  const asked = all.filter(({ endpointId }) => request.endpointId === undefined || endpointId === request.endpointId);
  if (asked.length === 0)
    throw new UnknownEndpointError(
      run.workflowId,
      String(request.endpointId),
      all.map(({ endpointId }) => endpointId),
    );
  const open = request.force === true ? asked : asked.filter((endpoint) => outcomeOf(endpoint)?.state !== 'delivered');
  if (open.length === 0) throw new AlreadyDeliveredError(run.workflowId);
  const alreadyEnded = all.flatMap((endpoint) => {
    const outcome = open.includes(endpoint) ? undefined : outcomeOf(endpoint);
    return outcome === undefined ? [] : [{ endpoint, outcome }];
  });
  const body = frozenBody(run) ?? input.redelivery?.body;
  return {
    ...input,
    endpoints: open,
    redelivery: {
      cycle: (input.redelivery?.cycle ?? 1) + 1,
      ...(body === undefined ? {} : { body }),
      ...(result.artifacts === undefined ? {} : { artifacts: result.artifacts }),
      alreadyEnded,
    },
  };
}

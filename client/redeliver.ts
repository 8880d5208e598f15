/**
 * Plans a redelivery: a new run under the same workflow id. It sends the same body with the same ids, and has a fresh
 * ladder. The caller reads the last run from its history. Pure.
 */
import type { DeliveryOutcome, WebhookResult } from '../contract/delivery-state.ts';
import type { Endpoint } from '../contract/endpoints.ts';
import { given } from '../contract/given.ts';
import { copiesOf } from '../contract/render-body.ts';
import { MAX_ENDPOINTS } from '../contract/run-limits.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import { AlreadyDeliveredError, UnknownEndpointError } from './errors.ts';
import { frozenBody } from './fold-run.ts';
import type { RunFacts } from './run-facts.ts';

/** What to deliver again. `endpointId`: only this endpoint; default all endpoints. `force`: also endpoints that have
 *  the webhook already; default false. */
export type RedeliverRequest = { readonly endpointId?: string; readonly force?: boolean };

/** Input of the new run. The outcomes of endpoints that it does not deliver to are carried along, and count in its
 *  close status.
 *  Throws `AlreadyDeliveredError` or `UnknownEndpointError`; neither can be retried. */
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
  const delivered = open.filter((endpoint) => outcomeOf(endpoint)?.state === 'delivered');
  const alreadyDelivered = delivered.map(({ endpointId }) => endpointId);
  return {
    ...input,
    endpoints: withRoom(open),
    redelivery: {
      cycle: (input.redelivery?.cycle ?? 1) + 1,
      ...given({ body, artifacts: result.artifacts, alreadyDelivered }),
      alreadyEnded,
    },
  };
}

/** Endpoints that had no room in the first run get the webhook in a run that has room for all of them. */
function withRoom(open: readonly Endpoint[]): readonly Endpoint[] {
  const roomy = open.map((endpoint): Endpoint => {
    const { refusal, ...rest } = endpoint;
    return refusal === 'too_many_endpoints' ? rest : endpoint;
  });
  return copiesOf(roomy) > MAX_ENDPOINTS ? open : roomy;
}

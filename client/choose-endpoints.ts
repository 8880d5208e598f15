/** Chooses the endpoints of a run from the webhook settings that came, and says what was odd about them. Pure. */
import type { ReadSettings } from '../contract/repairs/endpoint-settings.ts';
import { hostOf, selectEndpoints, type Endpoint, type EndpointRefusal } from '../contract/endpoints.ts';
import type { EventName } from '../contract/event-types.ts';
import { MAX_ENDPOINTS } from '../contract/run-limits.ts';
import type { WebhookWarning } from '../contract/schemas/client-options.ts';
import { deliveryIdsOf } from './delivery-ids.ts';

/** The endpoints of one event, and the warnings about its settings. */
export type ChosenEndpoints = { readonly endpoints: readonly Endpoint[]; readonly warnings: readonly WebhookWarning[] };

/** Chooses the endpoints of `event`. Without a `secret_ref` an endpoint's webhooks are signed with the secret of
 *  `accountId`. If `accountRefusal` is given, the account id cannot be read, and such endpoints end refused. */
export function chooseEndpoints(
  { workflowId, event, accountId, accountRefusal }: RunIds,
  { sources, warnings: read }: ReadSettings,
): ChosenEndpoints {
  const { endpoints: selected, leftOut } = selectEndpoints(event, sources, accountId, accountRefusal);
  const all = selected.map(({ url, ...rest }): Endpoint => {
    return { ...deliveryIdsOf(workflowId, event, url), url, host: hostOf(url), ...rest };
  });
  // A run with one id twice would be refused as a whole.
  const endpoints = [...new Map(all.toReversed().map((each) => [each.endpointId, each])).values()].toReversed();
  const warnings = read.map((warning) => ({ ...warning, message: `${warning.field}: ${warning.problem}` }));
  return { endpoints, warnings: [...warnings, ...tooMany(endpoints, leftOut), ...unsigned(endpoints)] };
}

type RunIds = {
  readonly workflowId: string;
  readonly event: EventName;
  readonly accountId: string | undefined;
  readonly accountRefusal?: EndpointRefusal | undefined;
};

function tooMany(endpoints: readonly Endpoint[], leftOut: number): WebhookWarning[] {
  const refused = endpoints.filter(({ refusal }) => refusal === 'too_many_endpoints').length;
  if (refused + leftOut === 0) return [];
  const unseen = leftOut === 0 ? '' : `, and ${leftOut} do not even appear in the run`;
  const message =
    `endpoints: ${endpoints.length + leftOut} subscribed; at most ${MAX_ENDPOINTS} get one event. ` +
    `${refused} end refused${unseen}. redeliver({ endpointId }) sends the event to a refused one`;
  return [{ code: 'too_many_endpoints', message }];
}

function unsigned(endpoints: readonly Endpoint[]): WebhookWarning[] {
  const those = endpoints.filter(({ secretRef, refusal }) => secretRef === undefined && refusal === undefined);
  return those.map(({ host }) => ({
    code: 'unsigned',
    message: `webhooks to ${host} go unsigned: the endpoint has no secret_ref, and the call has no account_id`,
  }));
}

/** What the engine hands in → what a run is started with: webhook settings as sources of endpoints, the rest as data. Pure. */
import type { Client } from '@temporalio/client';
import type { EndpointSource } from '../contract/endpoints.ts';
import type { CallEventName } from '../contract/event-types.ts';
import type { ParsedCall } from '../contract/schemas/call-ended.ts';
import { InvalidInputError } from '../contract/schemas/invalid-input.ts';
import type { CallWebhookInput, RunInput } from '../contract/run-messages.ts';

/** The call's own settings first: where two name the same URL, they win. */
export function sourcesOf(call: ParsedCall): EndpointSource[] {
  return [
    { level: 'call', ...call },
    ...(call.campaign ? [{ level: 'campaign' as const, ...call.campaign }] : []),
    ...(call.endpoints ?? []).map((endpoint) => ({ level: 'account' as const, ...endpoint })),
  ];
}

/** Input of the run: the settings are left out, since the endpoints chosen from them stand in `run`. */
export function callInput(parsed: ParsedCall, run: RunInput & { readonly event: CallEventName }): CallWebhookInput {
  const {
    webhook_url: _url,
    webhook_events: _events,
    secret_ref: _ref,
    campaign: _campaign,
    endpoints: _all,
    ...rest
  } = parsed;
  const { expects, ...call } = rest;
  return { ...run, call, expects };
}

/** The client itself; throws `InvalidInputError` for what is none, before the first call is lost to it. */
export function checkClient(client: Client): Client {
  if (typeof (client as Partial<Client> | undefined)?.workflow?.start === 'function') return client;
  const problem = 'must be the Client of @temporalio/client: new WebhookClient(new Client({ connection, namespace }))';
  throw new InvalidInputError('WebhookClient', [{ field: 'client', problem }]);
}

/** The engine's call JSON → what a run is started with: its webhook settings as sources of endpoints, the rest as data. Pure. */
import type { EndpointSource } from '../contract/endpoints.ts';
import type { CallEventName } from '../contract/event-types.ts';
import type { ParsedCall } from '../contract/schemas/call-ended.ts';
import type { CallWebhookInput, RunInput } from '../contract/webhook-run.ts';

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

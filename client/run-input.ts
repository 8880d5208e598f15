/** Turns a reported call into the input of its run. Pure. */
import type { Client } from '@temporalio/client';
import type { CallEventName } from '../contract/event-types.ts';
import type { ParsedCall } from '../contract/schemas/call-ended.ts';
import { InvalidInputError } from '../contract/schemas/invalid-input.ts';
import type { CallWebhookInput, RunInput } from '../contract/run-messages.ts';

/** Input of the run. It leaves the webhook settings out, because `run` has the endpoints that were chosen from
 *  them. */
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

/** Returns `client`. Throws `InvalidInputError` if it is not a Temporal client, so that the mistake shows before the
 *  first call. */
export function checkClient(client: Client): Client {
  if (typeof (client as Partial<Client> | undefined)?.workflow?.start === 'function') return client;
  const problem = 'must be the Client of @temporalio/client: new WebhookClient(new Client({ connection, namespace }))';
  throw new InvalidInputError('WebhookClient', [{ field: 'client', problem }]);
}

/** Why a command had nothing to do at a webhook, and what would help, in words. Pure. */
import type { WebhookClientError } from '../../../client/errors.ts';
import { isFinal, type DeliveryStatus, type LiveState, type WebhookStatus } from '../../../contract/delivery-state.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { RUN_ID, WEBHOOK_ID } from '../pasted-id.ts';
import type { ControlRequest, ControlVerb } from './request.ts';
import { reasonOf, touched, type Narrowing } from './touched.ts';

/** Says what is so at the webhook, if `touched` left nothing. */
export function whyNothing(status: WebhookStatus, request: ControlRequest, { states, reason }: Narrowing): string {
  const fitting = touched(status, request, states === undefined ? {} : { states });
  if (reason !== undefined && fitting.length > 0) return whichReason(fitting, reason);
  const asked = status.deliveries.filter(({ endpointId }) => (request.endpointId ?? endpointId) === endpointId);
  if (asked.length === 0) return `it has no endpoint ${request.endpointId ?? ''}`.trimEnd();
  if (states !== undefined && touched(status, request).length > 0) {
    return `it is ${listed(asked.map(({ state }) => state))} there, not ${states.join(' or ')}`;
  }
  // A redelivery is a new run, so it waits for the end of all deliveries of this one.
  const standing =
    request.verb === 'redeliver' && !isFinal(status.state) ? [status.state] : asked.map((each) => each.state);
  return nothingIn(request.verb, standing);
}

/** `its reason is http_500, not http_401`. */
function whichReason(deliveries: readonly DeliveryStatus[], wanted: string): string {
  const reasons = [...new Set(deliveries.map((each) => oneLine(reasonOf(each) ?? 'none')))];
  const [only = 'none'] = reasons;
  return reasons.length === 1
    ? `its reason is ${only}, not ${wanted}`
    : `its reasons are ${reasons.join(', ')}, not ${wanted}`;
}

/** What is so at a webhook whose deliveries stand like this, and what helps. */
export function nothingIn(verb: ControlVerb, states: readonly LiveState[]): string {
  const running = states.filter((state) => !isFinal(state));
  if (running.length === 0)
    return ENDED[verb](
      listed(states),
      states.some((state) => state !== 'delivered'),
    );
  if (verb === 'redeliver') return `it still runs (${listed(running)}): redeliver it after its end, or cancel it first`;
  if (running.every((state) => state === 'settling' || state === 'fetching')) {
    return `its first attempt is not due yet (${listed(running)}), so none waits`;
  }
  return `an attempt is in flight (${listed(running)}), so none waits`;
}

const ENDED: Readonly<Record<ControlVerb, (states: string, isOpen: boolean) => string>> = {
  cancel: (states) => `it has ended as ${states}`,
  'retry-now': (states, lacks) => `it has ended as ${states}${lacks ? ': redeliver it' : ''}`,
  redeliver: (states) => `it is ${states} already: --force sends it once more`,
};

function listed(states: readonly string[]): string {
  return [...new Set(states)].join(', ');
}

/** The words of a client's error with the options of this command. The client's own name its methods. */
export function errorInWords({ code, message }: WebhookClientError, workflowId: string): string {
  return WORDS[code]?.(workflowId) ?? message;
}

/** For an id that names a webhook elsewhere. These commands take none: to find its run they would look through runs,
 *  and one that could not be read might be the one that was meant. Undefined for other ids. */
function otherId(workflowId: string): string | undefined {
  const id = workflowId.slice('call-webhook/'.length);
  const kind = WEBHOOK_ID.test(id) ? 'webhook id' : RUN_ID.test(id) ? 'run id' : undefined;
  if (kind === undefined) return undefined;
  return (
    `no call has the id ${id}. It looks like a ${kind}, which this command does not take: ` +
    `topcalls-webhooks status ${id} names its workflow id, which it takes`
  );
}

const WORDS: Readonly<Record<string, (workflowId: string) => string | undefined>> = {
  not_found: otherId,
  history_gone: otherId,
  already_delivered: () => nothingIn('redeliver', ['delivered']),
  still_running: (workflowId) =>
    `${workflowId} is running, or was redelivered a moment ago: nothing was started. ` +
    'Wait for its end, send the waiting attempt with retry-now, or cancel it.',
};

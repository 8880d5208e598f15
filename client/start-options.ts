/** Options with which a run is started: id, search attributes, and the texts that the Web UI shows from the start. */
import type { WorkflowStartOptions } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import { utf8Bytes } from '../contract/byte-length.ts';
import { carriedRepairs } from '../contract/carried-repairs.ts';
import { settleDelayFor } from '../contract/delivery-policy.ts';
import type { Endpoint } from '../contract/endpoints.ts';
import { ATTRIBUTES, fairnessKeyOf, LIVE_PRIORITY, REDELIVERY_PRIORITY } from '../contract/names.ts';
import { WORKFLOW_TYPES } from '../contract/server-names.ts';
import type { AnyRunInput, RunInput } from '../contract/run-messages.ts';
import type { CheckedClientOptions } from '../contract/schemas/client-options.ts';
import { searchableId } from '../contract/workflow-id.ts';
import { codeSpan } from '../contract/shown-text.ts';

type Settle = CheckedClientOptions['settle'];

/** The start options that every run has. The caller adds id policies and task queue. `settle`: who waits for the
 *  settle delay. With `startDelay` the server does, and the workflow then finds that no delay is left. */
export function startOptions(workflowId: string, input: AnyRunInput, settle: Settle = 'timer') {
  const startDelayMs = settle === 'startDelay' ? settleDelayFor(input.event, input.policy.settleDelayMs) : 0;
  return {
    workflowId,
    args: [input] as [AnyRunInput],
    typedSearchAttributes: input.searchAttributes ? searchAttributes(input) : [],
    priority: priorityOf(input),
    staticSummary: summaryOf(input),
    staticDetails: detailsOf(input, startDelayMs),
    ...(startDelayMs > 0 && { startDelay: startDelayMs }),
  } satisfies Partial<WorkflowStartOptions>;
}

/** Live calls go before what an operator sends again. One busy account must not delay the others. */
function priorityOf({ accountId, endpoints, redelivery }: RunInput): NonNullable<WorkflowStartOptions['priority']> {
  return {
    priorityKey: redelivery === undefined ? LIVE_PRIORITY : REDELIVERY_PRIORITY,
    fairnessKey: fairnessKeyOf(accountId, endpoints[0]?.endpointId ?? ''),
  };
}

/** Type of the workflow that runs this input. */
export function workflowTypeOf(input: AnyRunInput): string {
  return 'call' in input ? WORKFLOW_TYPES.call : WORKFLOW_TYPES.campaign;
}

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
/** Our search attributes as typed keys of the SDK. */
export const SEARCH_KEYS = {
  event: keyword(ATTRIBUTES.event),
  campaignId: keyword(ATTRIBUTES.campaignId),
  accountId: keyword(ATTRIBUTES.accountId),
  state: keyword(ATTRIBUTES.state),
  endpoints: defineSearchAttributeKey(ATTRIBUTES.endpoints, SearchAttributeType.KEYWORD_LIST),
} as const;

/** Ids and states only: Temporal never encrypts search attributes. */
function searchAttributes(input: AnyRunInput): SearchAttributePair[] {
  const campaign = 'call' in input ? input.call.campaign_id : input.campaign.campaign_id;
  const others = (input.redelivery?.alreadyEnded ?? []).map(({ endpoint }) => endpoint);
  return [
    { key: SEARCH_KEYS.event, value: input.event },
    { key: SEARCH_KEYS.state, value: 'started' },
    { key: SEARCH_KEYS.endpoints, value: [...input.endpoints, ...others].map(({ endpointId }) => endpointId) },
    ...(campaign === null ? [] : [{ key: SEARCH_KEYS.campaignId, value: searchableId(campaign) }]),
    ...(input.accountId === undefined ? [] : [{ key: SEARCH_KEYS.accountId, value: searchableId(input.accountId) }]),
  ];
}

/** In characters. The server accepts at most 400 bytes. */
const MAX_SUMMARY = 200;

/** Host names that stand for themselves in Markdown. The Web UI makes a link of a name that begins with `www.`. */
const PLAIN_HOSTS = /^(?!www\.)[a-z0-9.-]+(?:, (?!www\.)[a-z0-9.-]+)*$/;

function summaryOf(input: RunInput): string {
  const names = input.endpoints.map(({ host }) => host).join(', ');
  const hosts = PLAIN_HOSTS.test(names) ? names : codeSpan(names);
  const text = `${input.event} → ${hosts}`;
  if (text.length <= MAX_SUMMARY) return text;
  const summary = Array.from(text);
  if (summary.length <= MAX_SUMMARY) return text;
  // A code span must end in any case: what stands in it would be Markdown again.
  return `${summary.slice(0, MAX_SUMMARY - 1).join('')}${hosts === names ? '…' : '`'}`;
}

/** Bytes of the two lists of the details, as JSON. The server accepts details of 20,000 bytes, and refuses the start
 *  with more. */
const MAX_ENDPOINT_BYTES = 8_000;
const MAX_REPAIR_BYTES = 7_000;

// The Web UI's renderer shows a list only after an empty line.
function detailsOf(input: RunInput, startDelayMs: number): string {
  const { event: name, endpoints: all, policy, searchAttributes: found } = input;
  const repairs = carriedRepairs(input.repairs) ?? [];
  const waits = policy.retryDelaysMs.map(waitWords).join(', ');
  return [
    `One signed POST of **${name}** to each endpoint:`,
    listOf(
      all.map((endpoint) => `${endpointLine(endpoint)}${found ? `, ${siblingsLink(endpoint)}` : ''}`),
      MAX_ENDPOINT_BYTES,
    ),
    ...(startDelayMs > 0 ? [restInWords(startDelayMs)] : []),
    `Attempts: at once${waits === '' ? '' : `, then after ${waits}`}, until one is answered with 2xx.`,
    'The status is the delivery report: Running = not over yet, Completed = delivered, ' +
      'Failed = an endpoint did not take it, Canceled = it was cancelled. How to read this screen: docs/web-ui.md',
    ...(repairs.length === 0 ? [] : [`Repaired: the engine reported data that could not be sent as it was.`]),
    ...(repairs.length === 0
      ? []
      : [
          listOf(
            repairs.map(({ field, problem }) => `${codeSpan(field)}: ${codeSpan(problem)}`),
            MAX_REPAIR_BYTES,
          ),
        ]),
  ].join('\n\n');
}

/** Said from the start, because no worker has seen the run yet: no timer and no current details are shown. */
function restInWords(startDelayMs: number): string {
  return (
    `It rests for ${waitWords(startDelayMs)} first. The server waits (start delay), so no timer is shown. Meanwhile ` +
    'Request Cancellation acts at once. The signal `cancel` is heard when the rest is over; nothing is sent then.'
  );
}

/** A list of Markdown. Its lines are whole: a code span that does not end would make Markdown of what stands in it. */
function listOf(lines: readonly string[], maxBytes: number): string {
  let bytesLeft = maxBytes;
  const shown = lines.filter((line) => {
    const bytes = utf8Bytes(JSON.stringify(line));
    const fits = bytes <= bytesLeft;
    if (fits) bytesLeft -= bytes;
    return fits;
  });
  const leftOut = lines.length - shown.length;
  return [...shown, ...(leftOut === 0 ? [] : [`${leftOut} more are left out: they are too long to show`])]
    .map((line) => `- ${line}`)
    .join('\n');
}

function endpointLine({ endpointId, webhookId, host, secretRef, refusal }: Endpoint): string {
  const unsigned = secretRef === undefined ? ', **unsigned: it has no secret_ref**' : '';
  const odd = refusal === undefined ? unsigned : `, **refused: ${codeSpan(refusal)}**`;
  return `${codeSpan(host)}: endpoint ${codeSpan(endpointId)}, webhook-id ${codeSpan(webhookId)}${odd}`;
}

/** A link to all runs of the endpoint: they show whether the call or the endpoint is the problem. The Web UI replaces
 *  `{namespace}`. */
function siblingsLink({ endpointId }: Endpoint): string {
  const query = encodeURIComponent(`${ATTRIBUTES.endpoints} = "${endpointId}"`);
  return `[all its runs](/namespaces/{namespace}/workflows?query=${query})`;
}

/** 90000 → 90 s, 900000 → 15 min, 3600000 → 1 h. */
function waitWords(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return `${Math.round(ms / 1_000)} s`;
}

/** How a run is started: id, policies, search attributes, and the words the Web UI shows from the first second on. */
import type { WorkflowStartOptions } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import type { Endpoint } from '../contract/endpoints.ts';
import { WORKFLOW_TYPES } from '../contract/names.ts';
import type { AnyRunInput, RunInput } from '../contract/run-messages.ts';

/** Start options of a run, whatever starts it; policies and task queue are the caller's. */
export function startOptions(workflowId: string, input: AnyRunInput) {
  return {
    workflowId,
    args: [input] as [AnyRunInput],
    typedSearchAttributes: input.searchAttributes ? searchAttributes(input) : [],
    staticSummary: summaryOf(input),
    staticDetails: detailsOf(input),
  } satisfies Partial<WorkflowStartOptions>;
}

/** Type of the workflow that runs this input. */
export function workflowTypeOf(input: AnyRunInput): string {
  return 'call' in input ? WORKFLOW_TYPES.call : WORKFLOW_TYPES.campaign;
}

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
/** Our search attributes, typed as the SDK wants them. */
export const SEARCH_KEYS = {
  event: keyword('WebhookEvent'),
  campaignId: keyword('WebhookCampaignId'),
  accountId: keyword('WebhookAccountId'),
  state: keyword('WebhookState'),
  endpoints: defineSearchAttributeKey('WebhookEndpoints', SearchAttributeType.KEYWORD_LIST),
} as const;

/** Ids and states only: Temporal never encrypts search attributes. */
function searchAttributes(input: AnyRunInput): SearchAttributePair[] {
  const campaign = 'call' in input ? input.call.campaign_id : input.campaign.campaign_id;
  const others = (input.redelivery?.alreadyEnded ?? []).map(({ endpoint }) => endpoint);
  return [
    { key: SEARCH_KEYS.event, value: input.event },
    { key: SEARCH_KEYS.state, value: 'started' },
    { key: SEARCH_KEYS.endpoints, value: [...input.endpoints, ...others].map(({ endpointId }) => endpointId) },
    ...(campaign === null ? [] : [{ key: SEARCH_KEYS.campaignId, value: campaign }]),
    ...(input.accountId === undefined ? [] : [{ key: SEARCH_KEYS.accountId, value: input.accountId }]),
  ];
}

/** The server takes at most 400 bytes. */
const MAX_SUMMARY = 200;

function summaryOf(input: RunInput): string {
  return `${input.event} → ${input.endpoints.map(({ host }) => host).join(', ')}`.slice(0, MAX_SUMMARY);
}

// The Web UI's renderer shows a list only after an empty line.
function detailsOf({ event: name, endpoints: all, policy, searchAttributes: found }: RunInput): string {
  const waits = policy.retryDelaysMs.map(waitWords).join(', ');
  return [
    `One signed POST of **${name}** to each endpoint:`,
    all.map((endpoint) => `- ${endpointLine(endpoint)}${found ? `, ${siblingsLink(endpoint)}` : ''}`).join('\n'),
    `Attempts: at once${waits === '' ? '' : `, then after ${waits}`}, until one is answered with 2xx.`,
    'The status is the delivery report: Running = not over yet, Completed = delivered, Failed = an endpoint did not take it, Canceled = somebody stopped it. How to read this screen: docs/web-ui.md',
  ].join('\n\n');
}

function endpointLine({ endpointId, webhookId, host, secretRef }: Endpoint): string {
  return `${host}: endpoint \`${endpointId}\`, webhook-id \`${webhookId}\`${secretRef === undefined ? ', **unsigned: it has no secret_ref**' : ''}`;
}

/** One look tells a broken call from a broken endpoint. The Web UI puts its own namespace in. */
function siblingsLink({ endpointId }: Endpoint): string {
  const query = encodeURIComponent(`WebhookEndpoints = "${endpointId}"`);
  return `[all its runs](/namespaces/{namespace}/workflows?query=${query})`;
}

/** 90000 → 90 s, 900000 → 15 min, 3600000 → 1 h. */
function waitWords(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return `${Math.round(ms / 1_000)} s`;
}

/** Names by which client, worker and commands find things on the server. They are public API, as those of names.ts are.
 *  Workflows do not load this file. Pure data. */
import { ATTRIBUTES } from './names.ts';

/** Default task queue of client and worker. */
export const DEFAULT_TASK_QUEUE = 'topcalls-webhooks';

/** Workflow types, as registered by `./workflows` and shown in the Web UI. */
export const WORKFLOW_TYPES = { call: 'callWebhook', campaign: 'campaignWebhook' } as const;

/** Activity types, as registered by `createActivities`. */
export const ACTIVITY_TYPES = {
  fetchArtifacts: 'fetchArtifacts',
  deliverWebhook: 'deliverWebhook',
  waitForUs: 'waitForUs',
  recordDelivery: 'recordDelivery',
  notifyDelivery: 'notifyDelivery',
  cancelOwnRun: 'cancelOwnRun',
  reportCall: 'reportCall',
} as const;

/** Failure types of `reportCall`, beside the names of the client's errors. */
export const REPORT_FAILURES = {
  /** An error that is not the client's. Retried. */
  failed: 'ReportFailed',
  /** This worker takes no reports. Retried: another one may. */
  notTaken: 'ReportsNotTaken',
} as const;

/** Types of the search attributes, by name. They hold only ids and states, because Temporal never encrypts them. */
export const SEARCH_ATTRIBUTES = {
  [ATTRIBUTES.event]: 'KEYWORD',
  [ATTRIBUTES.campaignId]: 'KEYWORD',
  [ATTRIBUTES.accountId]: 'KEYWORD',
  [ATTRIBUTES.state]: 'KEYWORD',
  [ATTRIBUTES.endpoints]: 'KEYWORD_LIST',
} as const;

/** Reads an id that `deliveryActivityId` has made. Undefined for the id of another activity. */
export function readDeliveryActivityId(
  activityId: string,
): { readonly endpointId: string; readonly cycle: number; readonly firstAttempt: number } | undefined {
  const [, endpointId, cycle, firstAttempt] = /^deliver\/([^/]+)\/(\d+)\.(\d+)$/.exec(activityId) ?? [];
  if (endpointId === undefined) return undefined;
  return { endpointId, cycle: Number(cycle), firstAttempt: Number(firstAttempt) };
}

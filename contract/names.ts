/**
 * Names two processes must agree on: they stand in the Web UI, in histories and in HTTP headers, so they are API.
 * Pure data; every side may import it.
 */

/** Task queue that client and worker use unless told otherwise. */
export const DEFAULT_TASK_QUEUE = 'topcalls-webhooks';

/** Workflow types, as registered by `./workflows` and shown in the Web UI. */
export const WORKFLOW_TYPES = { call: 'callWebhook', campaign: 'campaignWebhook' } as const;

/** Activity types, as registered by `createActivities`. */
export const ACTIVITY_TYPES = {
  fetchArtifacts: 'fetchArtifacts',
  deliverWebhook: 'deliverWebhook',
  recordDelivery: 'recordDelivery',
  cancelOwnRun: 'cancelOwnRun',
} as const;

/** Signals a run listens to. `attemptFailed` is sent by the delivery activity itself, the others by people. */
export const SIGNALS = { cancel: 'cancel', retryNow: 'retryNow', attemptFailed: 'attemptFailed' } as const;

/** Queries a run answers. */
export const QUERIES = { status: 'status' } as const;

/** Search attributes and their types. Ids and states only: Temporal never encrypts them. */
export const SEARCH_ATTRIBUTES = {
  WebhookEvent: 'KEYWORD',
  WebhookCampaignId: 'KEYWORD',
  WebhookAccountId: 'KEYWORD',
  WebhookState: 'KEYWORD',
  WebhookEndpoints: 'KEYWORD_LIST',
} as const;

/** Request headers of ours, spelled as they are sent. The only place that writes their names. */
export const SENT_HEADERS = {
  legacySignature: 'X-TopCalls-Signature',
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
  event: 'X-TopCalls-Event',
  attempt: 'X-TopCalls-Attempt',
} as const;

/** The same headers in lower case, as node gives them to a receiver. */
export const HEADERS = {
  legacySignature: received(SENT_HEADERS.legacySignature),
  id: received(SENT_HEADERS.id),
  timestamp: received(SENT_HEADERS.timestamp),
  signature: received(SENT_HEADERS.signature),
  event: received(SENT_HEADERS.event),
  attempt: received(SENT_HEADERS.attempt),
} as const;

function received<Name extends string>(name: Name): Lowercase<Name> {
  return name.toLowerCase() as Lowercase<Name>;
}

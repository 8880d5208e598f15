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

/** Request headers, in the lower case that node gives them to a receiver. */
export const HEADERS = {
  legacySignature: 'x-topcalls-signature',
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
  event: 'x-topcalls-event',
  attempt: 'x-topcalls-attempt',
} as const;

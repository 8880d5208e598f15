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

/** Id of a delivery activity, shown in the Web UI: `deliver/<endpointId>/<cycle>.<firstAttempt>`. */
export function deliveryActivityId(endpointId: string, cycle: number, firstAttempt: number): string {
  return `deliver/${endpointId}/${cycle}.${firstAttempt}`;
}

/** Reads what `deliveryActivityId` wrote; undefined for the id of another activity. */
export function readDeliveryActivityId(
  activityId: string,
): { readonly endpointId: string; readonly cycle: number; readonly firstAttempt: number } | undefined {
  const [, endpointId, cycle, firstAttempt] = /^deliver\/([^/]+)\/(\d+)\.(\d+)$/.exec(activityId) ?? [];
  if (endpointId === undefined) return undefined;
  return { endpointId, cycle: Number(cycle), firstAttempt: Number(firstAttempt) };
}

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

/** The attribute that tells where a run stands. */
export const STATE_ATTRIBUTE = 'WebhookState' satisfies keyof typeof SEARCH_ATTRIBUTES;

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

/** Failure types that cross from activity to workflow, and from run to client. They stand in histories: API. */
export const FAILURE_TYPES = {
  /** Not ready yet; retried by Temporal until the deadline. */
  artifactsPending: 'ArtifactsPending',
  /** One POST did not deliver; retried by the ladder. `details[0]` is an `AttemptReport`. */
  attemptFailed: 'WebhookAttemptFailed',
  /** The receiver answered 410; not retried. `details[0]` is an `AttemptReport`. */
  endpointGone: 'EndpointGone',
  /** The delivery log did not take a record; retried without limit. */
  deliveryLogUnavailable: 'DeliveryLogUnavailable',
  /** Our own rules forbid the request (URL form, literal address, unknown secret); not retried. */
  deliveryRefused: 'DeliveryRefused',
  /** A run that ended with a delivery failed, gone or refused; `details[0]` is the `WebhookResult`. */
  deliveryFailed: 'DeliveryFailed',
} as const;

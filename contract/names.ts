/**
 * Names that two processes must agree on. They stand in the Web UI, in histories and in HTTP headers, so they are
 * public API. Pure data; every side may import it.
 */

/** Id of a delivery activity, as the Web UI shows it: `deliver/<endpointId>/<cycle>.<firstAttempt>`. */
export function deliveryActivityId(endpointId: string, cycle: number, firstAttempt: number): string {
  return `deliver/${endpointId}/${cycle}.${firstAttempt}`;
}

/** Temporal's priority keys: 1 goes first, 5 last. */
export const LIVE_PRIORITY = 3;
export const REDELIVERY_PRIORITY = 4;
export const WAITING_PRIORITY = 5;

/** Whom tasks are fair to: the account, else the endpoint. The server takes at most 64 bytes, so it is plain ASCII. */
export function fairnessKeyOf(accountId: string | undefined, endpointId: string): string {
  return (accountId ?? endpointId).replaceAll(/[^!-~]/g, '_').slice(0, 64);
}

/** Signals that a run accepts. The delivery activity sends `attemptFailed`; people and the client send the others. */
export const SIGNALS = { cancel: 'cancel', retryNow: 'retryNow', attemptFailed: 'attemptFailed' } as const;

/** Queries that a run answers. */
export const QUERIES = { status: 'status' } as const;

/** Names of the search attributes, by what they hold. */
export const ATTRIBUTES = {
  event: 'WebhookEvent',
  campaignId: 'WebhookCampaignId',
  accountId: 'WebhookAccountId',
  state: 'WebhookState',
  endpoints: 'WebhookEndpoints',
} as const;

/** Failure type of the SDK for an activity that a worker does not have. */
export const NOT_REGISTERED = 'NotFoundError';

/** Failure types, from activity to workflow and from run to client. They stand in histories, so they are public
 *  API. */
export const FAILURE_TYPES = {
  /** The artifacts are not ready yet. Temporal retries until the artifact deadline. */
  artifactsPending: 'ArtifactsPending',
  /** One POST did not deliver. The ladder retries it. `details[0]` is an `AttemptReport`. */
  attemptFailed: 'WebhookAttemptFailed',
  /** The receiver answered 410. Not retried. `details[0]` is an `AttemptReport`. */
  endpointGone: 'EndpointGone',
  /** The delivery log did not take a record. Retried without limit. */
  deliveryLogUnavailable: 'DeliveryLogUnavailable',
  /** The host did not take a delivery event. Retried without limit. */
  hostNotNotified: 'HostNotNotified',
  /** The host's external storage did not give or take a payload. Retried; a delivery waits for us meanwhile. */
  storedPayload: 'StoredPayloadUnavailable',
  /** Our own rules forbid the request (URL form, literal address, unknown secret). Not retried. */
  deliveryRefused: 'DeliveryRefused',
  /** A fault of ours ended an attempt before anything was sent. The workflow waits, then makes the same attempt again.
   *  `details[0]` is an `AttemptReport`. */
  notSent: 'WebhookNotSent',
  /** Our own side still cannot send. Asked again every 30 s, without limit. */
  notReady: 'WebhookNotReady',
  /** The run ended with a delivery that is failed, gone or refused. `details[0]` is the `WebhookResult`. */
  deliveryFailed: 'DeliveryFailed',
  /** A run that was started with an input that no client of ours sends; the message says what is wrong. */
  invalidRun: 'InvalidRun',
} as const;

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

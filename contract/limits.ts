/** Limits that more than one room uses, each with its reason. The limits of one POST stand in
 *  activities/http/attempt-bounds.ts. Pure data. */

/** How long a stopping worker waits for attempts in flight. It is above the POST's deadline, so that they can finish.
 *  Otherwise each stop would use up one of the five attempts. */
export const SHUTDOWN_GRACE_MS = 25_000;
/** How long a delivered attempt waits for the delivery log. After that, recordDelivery writes the record. */
export const RECORD_BUDGET_MS = 2_000;
/** The longest Retry-After that is followed; a longer one counts as this. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/** How long one fetch from the artifact source may take. */
export const ARTIFACT_FETCH_TIMEOUT_MS = 10_000;
/** The first fetch returns artifacts up to this size. The polling activity returns larger ones. So a workflow task
 *  stays below 4 MiB with all its bodies. */
export const FIRST_POLL_MAX_BYTES = 262_144;
/** Wait between two polls of the artifact source. */
export const ARTIFACT_POLL_MS = 5_000;
/** Shortest wait between two polls. Temporal rounds shorter delays up to about a second; a delay of 0 would end the
 *  polling. */
export const MIN_ARTIFACT_POLL_MS = 1_000;

/** Longest reason of a cancel, in characters. */
export const MAX_CANCEL_REASON = 500;

/** Body size that a receiver should accept. Our bodies are at most 1.5 MiB. All docs pages name this number. */
export const RECEIVER_BODY_LIMIT_BYTES = 4_194_304;
/** The worker warns of bodies from this size on, because Express's body parser refuses more than 100 KiB by
 *  default. */
export const WARN_BODY_BYTES = 98_304;
/** Most entries of `endpoints` of one call that are read, equal URLs included. A mistake of the engine must not take
 *  the client's time. */
export const MAX_ENDPOINT_SETTINGS = 1_000;
/** Most entries of one `webhook_events` that are read. Eight events exist. */
export const MAX_EVENT_NAMES = 100;
/** Longest text of `webhook_events` that is read as a comma list, in characters. The rest is cut off. */
export const MAX_EVENTS_TEXT_LENGTH = 4_096;
/** Longest text of `campaign` or `endpoints` that is read as JSON, in characters. */
export const MAX_SETTINGS_TEXT_LENGTH = 1_048_576;
/** Largest input of a run as JSON, in bytes. A redelivery carries the input together with the body (1.5 MiB) and the
 *  outcomes of its endpoints, and Temporal takes payloads up to 2 MiB. */
export const MAX_RUN_INPUT_BYTES = 425_984;
/** Largest input of a redelivery as JSON, in bytes: 2 MiB, with 16 KiB left for what encryption adds. */
export const MAX_REDELIVERY_BYTES = 2_080_768;
/** Longest URL, in characters. It is the de-facto limit of browsers and proxies. */
export const MAX_URL_LENGTH = 2_048;

/** Longest short text of a call or campaign (numbers, names, references), in characters. It is far above any real
 *  text, and far below Temporal's payload limit. Receivers size their columns by the published schemas. So raising
 *  one of the next three limits is a breaking change. */
export const MAX_TEXT_LENGTH = 1_024;
/** Longest recording URL that is passed on, in characters. Signed storage URLs with a session token reach some
 *  4,000. */
export const MAX_RECORDING_URL_LENGTH = 16_384;
/** Longest error message that is passed on, in characters. The rest is cut off. */
export const MAX_ERROR_MESSAGE_LENGTH = 8_192;

/** Limits of a call's metadata: keys, bytes as JSON, levels of nesting. */
export const MAX_METADATA_KEYS = 50;
export const MAX_METADATA_BYTES = 16_384;
export const MAX_DATA_DEPTH = 20;

/** Receivers refuse a timestamp that differs by more than this from their clock. Source: Standard Webhooks 1.0.0. */
export const DEFAULT_TOLERANCE_SECONDS = 300;
/** Size of a Standard Webhooks secret, in bytes after base64 decoding. */
export const MIN_SECRET_BYTES = 24;
export const MAX_SECRET_BYTES = 64;

/** Bounds that more than one room keeps to, each with its reason. Those of one POST:
 *  activities/http/attempt-bounds.ts. Pure data. */

/** startToClose of a delivery: twice the POST's deadline, since undici's timers are coarse and the log gets its 2 s
 *  too. */
export const DELIVERY_START_TO_CLOSE_MS = 30_000;
/** Above the POST deadline, so a stopping worker lets an attempt finish instead of spending one of five. */
export const SHUTDOWN_GRACE_MS = 25_000;
/** How long a delivered attempt may wait for the delivery log before it leaves that to recordDelivery. */
export const RECORD_BUDGET_MS = 2_000;
/** The longest Retry-After that is followed. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/** The artifact source's own limit per fetch. */
export const ARTIFACT_FETCH_TIMEOUT_MS = 10_000;
/** Its limit for the first fetch, which holds a slot for workflow tasks. A cancel waits for it, too. */
export const FIRST_POLL_TIMEOUT_MS = 2_000;
/** Larger artifacts are left to the activity that polls, so that a workflow task stays below 4 MiB with all its
 *  bodies. */
export const FIRST_POLL_MAX_BYTES = 262_144;
/** Wait between two polls of the artifact source. */
export const ARTIFACT_POLL_MS = 5_000;
/** Temporal rounds shorter delays up to about a second, and a delay of 0 would end the polling. */
export const MIN_ARTIFACT_POLL_MS = 1_000;

/** Body in Temporal, i.e. utf8(JSON.stringify(body)): one payload above 2 MiB hangs a run, encryption adds some. */
export const MAX_BODY_PAYLOAD_BYTES = 1_572_864;
/** All endpoints' copies of the body in one workflow task: above 4 MiB the server terminates the run. */
export const MAX_TASK_BODY_BYTES = 3_145_728;
/** What a receiver should accept: above any body of ours, which is at most 1.5 MiB, and a number that all pages
 *  name. */
export const RECEIVER_BODY_LIMIT_BYTES = 4_194_304;
/** Express's body parser stops at 100 KiB; from here on the worker warns. */
export const WARN_BODY_BYTES = 98_304;
/** Endpoints of one event, after equal URLs have collapsed. */
export const MAX_ENDPOINTS = 10;
/** Entries of `endpoints` of one call, equal URLs included: an engine's mistake must not take the client's time. */
export const MAX_ENDPOINT_SETTINGS = 100;
/** URL length in characters; the de-facto limit of browsers and proxies. */
export const MAX_URL_LENGTH = 2_048;

/** Longest short text of a call or campaign (numbers, names, references), in characters: far above any real one, far
 *  below a payload limit. Receivers size columns by the published schemas, so raising one of these three is a
 *  breaking change. */
export const MAX_TEXT_LENGTH = 1_024;
/** Longest recording URL that is passed on, in characters; signed storage URLs reach about 2,000. */
export const MAX_RECORDING_URL_LENGTH = 8_192;
/** Longest error message that is passed on, in characters; the rest is cut. */
export const MAX_ERROR_MESSAGE_LENGTH = 8_192;

/** Metadata of a call: entries, bytes of its JSON, nesting. */
export const MAX_METADATA_KEYS = 50;
export const MAX_METADATA_BYTES = 16_384;
export const MAX_DATA_DEPTH = 20;

/** Entries of `retryDelaysMs`, and the range of each. */
export const MAX_RETRY_DELAYS = 10;
export const MIN_RETRY_DELAY_MS = 1_000;
export const MAX_RETRY_DELAY_MS = 86_400_000;

/** Receivers refuse timestamps further away than this, in seconds (Standard Webhooks 1.0.0). */
export const DEFAULT_TOLERANCE_SECONDS = 300;
/** Standard Webhooks secrets: bytes after base64 decoding. */
export const MIN_SECRET_BYTES = 24;
export const MAX_SECRET_BYTES = 64;

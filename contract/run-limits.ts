/** Limits that workflows use, each with its reason. The others stand in limits.ts, which workflows do not load: each
 *  line of code makes the workflow bundle three times as much larger. Pure data. */

/** startToClose timeout of a delivery attempt. It is twice the POST's deadline, because undici's timers are coarse
 *  and the delivery log gets 2 s as well. */
export const DELIVERY_START_TO_CLOSE_MS = 30_000;

/** How often a delivery that waits for us asks whether our side can send. It is also the shortest such wait. Each next
 *  wait of a delivery is twice as long, up to the limit. */
export const WAIT_FOR_US_MS = 30_000;
export const MAX_WAIT_FOR_US_MS = 3_600_000;
/** How often a delivery waits for us. Afterwards an attempt that cannot be sent is spent. Each wait writes the body
 *  into history once more, and the server terminates a run whose history is above 50 MiB. A wait may last for ever. */
export const MAX_WAITS_FOR_US = 10;

/** How long the first fetch may take. It is short because this fetch holds a slot for workflow tasks, and a cancel
 *  waits for it. */
export const FIRST_POLL_TIMEOUT_MS = 2_000;

/** Largest body as Temporal carries it, which is utf8(JSON.stringify(body)). A payload above 2 MiB blocks a run, and
 *  encryption adds some bytes. */
export const MAX_BODY_PAYLOAD_BYTES = 1_572_864;
/** Largest sum of all endpoints' copies of the body, which one workflow task carries. Above 4 MiB the server
 *  terminates the run. */
export const MAX_TASK_BODY_BYTES = 3_145_728;

/** Most endpoints that get one event, counted after equal URLs have become one. */
export const MAX_ENDPOINTS = 10;
/** Most endpoints of a run. Those above MAX_ENDPOINTS end refused; the run shows and records them. */
export const MAX_RUN_ENDPOINTS = 20;

/** Most entries of `retryDelaysMs`, and the range of each entry. */
export const MAX_RETRY_DELAYS = 10;
export const MIN_RETRY_DELAY_MS = 1_000;
export const MAX_RETRY_DELAY_MS = 86_400_000;

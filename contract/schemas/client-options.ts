/** Options of `WebhookClient`, checked when it is made: a wrong ladder must not wait for the first call. */
import * as z from 'zod';
import { MAX_RETRY_DELAY_MS, MAX_RETRY_DELAYS, MIN_RETRY_DELAY_MS } from '../limits.ts';
import { DEFAULT_TASK_QUEUE } from '../names.ts';
import { DEFAULT_RETRY_DELAYS_MS } from '../retry-schedule.ts';
import { DEFAULT_ARTIFACT_DEADLINE_MS, DEFAULT_SETTLE_DELAY_MS } from '../delivery-policy.ts';

const ONE_DAY_MS = 86_400_000;
const wholeMs = (least: number, most: number) =>
  z
    .number()
    .int()
    .min(least, { error: `at least ${least} ms` })
    .max(most, { error: `at most ${most} ms` });

export const clientOptionsSchema = z.strictObject({
  /** Task queue of the worker. Default `topcalls-webhooks`. */
  taskQueue: z.string().min(1).max(200).default(DEFAULT_TASK_QUEUE),
  /** How long a start may take before it fails as `TemporalUnavailableError`, ms. Default 5000. */
  startTimeoutMs: wholeMs(100, 60_000).default(5_000),
  /** Whether runs carry our search attributes; the namespace must know them (`topcalls-webhooks setup`). Default true. */
  searchAttributes: z.boolean().default(true),
  /** Rest of a completed call before its artifacts are fetched, ms from the run's start. Default 15000. */
  settleDelayMs: wholeMs(0, ONE_DAY_MS).default(DEFAULT_SETTLE_DELAY_MS),
  /** How long artifacts are waited for after that, ms; then the webhook goes without them. Default 60000. */
  artifactDeadlineMs: wholeMs(0, ONE_DAY_MS).default(DEFAULT_ARTIFACT_DEADLINE_MS),
  /** The ladder's waits, ms, each from the end of the attempt before. Default 1 min, 5 min, 15 min, 1 h. */
  retryDelaysMs: z
    .array(wholeMs(MIN_RETRY_DELAY_MS, MAX_RETRY_DELAY_MS))
    .max(MAX_RETRY_DELAYS, { error: `at most ${MAX_RETRY_DELAYS} delays` })
    .default([...DEFAULT_RETRY_DELAYS_MS]),
  /** Told of what is odd but no error: an unknown event name, an endpoint without a secret. Default a process warning. */
  onWarning: z
    .custom<(warning: WebhookWarning) => void>((value) => typeof value === 'function', { error: 'must be a function' })
    .optional(),
});

/** What `onWarning` gets. `code`: `unknown_event`, `unsigned`, or `no_url` (settings of a campaign or account without a
 *  `webhook_url`). */
export type WebhookWarning = { readonly code: 'unknown_event' | 'unsigned' | 'no_url'; readonly message: string };

export type WebhookClientOptions = z.input<typeof clientOptionsSchema>;
export type CheckedClientOptions = z.output<typeof clientOptionsSchema>;

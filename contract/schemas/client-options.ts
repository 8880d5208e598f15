/** Options of `WebhookClient`. They are checked when it is constructed, so that a mistake shows before the first
 *  call. */
import * as z from 'zod';
import type { SettingsWarning } from '../repairs/endpoint-settings.ts';
import { MAX_RETRY_DELAY_MS, MAX_RETRY_DELAYS, MIN_RETRY_DELAY_MS } from '../run-limits.ts';
import type { NoticeCode } from '../repairs/repair-list.ts';
import { DEFAULT_TASK_QUEUE } from '../server-names.ts';
import { DEFAULT_RETRY_DELAYS_MS } from '../retry-schedule.ts';
import { DEFAULT_ARTIFACT_DEADLINE_MS, DEFAULT_SETTLE_DELAY_MS } from '../default-policy.ts';

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
  /** How long starting a run may take, ms. After that it fails with `TemporalUnavailableError`. 100–60000; default
   *  5000. */
  startTimeoutMs: wholeMs(100, 60_000).default(5_000),
  /** Whether runs have our search attributes. If true, the namespace must know them: run `topcalls-webhooks setup`.
   *  Default true. */
  searchAttributes: z.boolean().default(true),
  /** Wait before a completed call's artifacts are fetched, ms from the run's start. 0 to a day; default 15000. */
  settleDelayMs: wholeMs(0, ONE_DAY_MS).default(DEFAULT_SETTLE_DELAY_MS),
  /** Who waits for the settle delay. `timer`: the run, which hears every signal at once. `startDelay`: the server,
   *  before it gives the run to a worker. That costs one action and five events less, and no memory of a worker. But
   *  a cancel that a person sends as a signal ends the run only when the delay is over. `handle.cancel()` and the Web
   *  UI's Request Cancellation act at once. Nothing is sent in either case. Default `timer`. */
  settle: z.enum(['timer', 'startDelay']).default('timer'),
  /** How long artifacts are waited for after that, ms. The webhook then goes without them. 0 to a day; default
   *  60000. */
  artifactDeadlineMs: wholeMs(0, ONE_DAY_MS).default(DEFAULT_ARTIFACT_DEADLINE_MS),
  /** The ladder's waits, ms. Each counts from the end of the attempt before it. At most 10 entries, each 1 s to a
   *  day, in any order. An empty list means one attempt. Default 1 min, 5 min, 15 min, 1 h. */
  retryDelaysMs: z
    .array(wholeMs(MIN_RETRY_DELAY_MS, MAX_RETRY_DELAY_MS))
    .max(MAX_RETRY_DELAYS, { error: `at most ${MAX_RETRY_DELAYS} delays` })
    .default([...DEFAULT_RETRY_DELAYS_MS]),
  /** Whether the server may hand out a first attempt in its answer to a workflow task. That saves a seventh of the
   *  CPU, and ignores the limits of the task queue. Default `auto`: while the task queue has no limit
   *  (`topcalls-webhooks limit`). The client asks once in 30 s. True or false: no question. */
  eagerDelivery: z.union([z.boolean(), z.literal('auto')]).default('auto'),
  /** Called for everything that was changed about reported data, and for settings that are odd but stop nothing else.
   *  Each message comes once. Default: `process.emitWarning`, which gets each kind of warning once. */
  onWarning: z
    .custom<(warning: WebhookWarning) => void>((value) => typeof value === 'function', { error: 'must be a function' })
    .optional(),
});

/** What `onWarning` gets. `message` names the call or campaign event, the field, what came and what is allowed. It
 *  never holds a secret, a phone number, or a URL's path or query.
 *  - `repaired`: a value was read in a way that makes sense, or replaced, so that it can be sent
 *  - `odd_value`: a value is sent as it is, but is probably a mistake
 *  - `unknown_field`: a field does not exist, and has almost the name of one that is missing; it is ignored
 *  - `unknown_event`: `webhook_events` names an event that does not exist; the name is ignored
 *  - `endpoint_skipped`: something among the settings is not an endpoint; no webhook goes there
 *  - `endpoint_refused`: a `secret_ref` cannot be used; the delivery to this endpoint ends refused
 *  - `too_many_endpoints`: more than ten endpoints subscribed; those after the tenth get nothing
 *  - `unsigned`: an endpoint has no secret, so its webhooks are not signed
 *  - `no_url`: settings of a campaign or an account have no `webhook_url`
 *  - `run_skipped`: `find` passed over a run that the server could not describe
 *  - `reported_differently`: the call or event was reported before, with another outcome, other data or endpoints.
 *    The last two come each time. Those about settings come once for each account. */
export type WebhookWarning = {
  readonly code:
    | NoticeCode
    | SettingsWarning['code']
    | 'too_many_endpoints'
    | 'unsigned'
    | 'run_skipped'
    | 'reported_differently';
  readonly message: string;
  /** The field that the warning is about. */
  readonly field?: string;
  /** What came, what is allowed and what becomes of it. */
  readonly problem?: string;
};

/** Options of `WebhookClient`; all are optional. */
export type WebhookClientOptions = z.input<typeof clientOptionsSchema>;
/** The checked options, with defaults filled in. */
export type CheckedClientOptions = z.output<typeof clientOptionsSchema>;

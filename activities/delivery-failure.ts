/**
 * Makes Temporal failures out of outcomes. No other file makes them. The Web UI shows a message alone, among the
 * pending activities, so it says everything; it names hosts only. Stacks are blanked: they hide the words and count
 * towards the limit of 4 KiB.
 */
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { DeliveryEvent } from '../contract/delivery-event.ts';
import { answerInWords } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { FAILURE_TYPES } from '../contract/names.ts';
import { attemptsIn } from '../contract/retry-schedule.ts';
import type { AttemptReport, DeliverInput } from '../contract/run-messages.ts';
import { REPORT_FAILURES } from '../contract/server-names.ts';
import type { Verdict } from './http/verdict.ts';
import { errorName } from './port-error.ts';

/** The failure of one attempt. The ladder retries it only for the verdict `retry`. */
export function attemptFailure(
  input: DeliverInput,
  report: AttemptReport,
  verdict: Exclude<Verdict, 'delivered'>,
): ApplicationFailure {
  const types = {
    retry: FAILURE_TYPES.attemptFailed,
    gone: FAILURE_TYPES.endpointGone,
    refused: FAILURE_TYPES.deliveryRefused,
    not_sent: FAILURE_TYPES.notSent,
  };
  return withoutStack({
    type: types[verdict],
    nonRetryable: verdict !== 'retry',
    message: `${attemptInWords(input, report)}; ${whatComesNext(report, verdict)}`,
    details: [report],
    ...given({ nextRetryDelay: report.nextDelayMs }),
  });
}

/** Some artifacts are not ready yet. Polled again after `delayMs`; sent without them after `leftMs`. `missing`: in
 *  words. */
export function artifactsPending(missing: string, delayMs: number, leftMs: number): ApplicationFailure {
  const next = `asked again in ${seconds(delayMs)}, sent without after ${seconds(leftMs)}`;
  return withoutStack({
    type: FAILURE_TYPES.artifactsPending,
    message: `${missing}; ${next}`,
    nextRetryDelay: delayMs,
  });
}

/** The first poll returns nothing, since artifacts are `missing` or all of them are too large for it. Polled again at
 *  once. */
export function firstPollInVain(missing = 'the artifacts are too large for the first poll'): ApplicationFailure {
  return withoutStack({ type: FAILURE_TYPES.artifactsPending, message: `${missing}; asked again at once` });
}

/** Our own side cannot send, for the reason `code`. Asked again after `delayMs`. */
export function notReady(code: string, host: string, delayMs: number): ApplicationFailure {
  const next = `asked again in ${seconds(delayMs)}`;
  return withoutStack({
    type: FAILURE_TYPES.notReady,
    message: `our own side cannot send to ${host} (${code}); no attempt is spent; ${next}`,
    nextRetryDelay: delayMs,
  });
}

/** The delivery log did not take a record. Retried without limit. `name`: code or class of its error. */
export function deliveryLogUnavailable(name: string): ApplicationFailure {
  return withoutStack({
    type: FAILURE_TYPES.deliveryLogUnavailable,
    message: `the delivery log did not take the record (${name}); tried again until it does`,
  });
}

/** The host did not take an event of a delivery. Retried without limit. `name`: code or class of the error. */
export function hostNotNotified({ kind, host }: DeliveryEvent, name: string, nextDelayMs?: number): ApplicationFailure {
  return withoutStack({
    type: FAILURE_TYPES.hostNotNotified,
    message: `the host did not take ${kind} of ${host} (${name}); told again until it does`,
    ...given({ nextRetryDelay: nextDelayMs }),
  });
}

/** A report was not taken. `error` is the client's: it says whether the same report may succeed later, and its message
 *  holds nothing private. Any other error is named by its code or class only, and is retried. */
export function reportFailed(error: unknown): ApplicationFailure {
  if (!isClientError(error)) {
    const message = `the report was not made (${errorName(error)}); tried again`;
    return withoutStack({ type: REPORT_FAILURES.failed, message });
  }
  const { code, retryable, problems } = error;
  return withoutStack({
    type: error.name,
    nonRetryable: !retryable,
    message: error.message.slice(0, MAX_REPORT_MESSAGE),
    details: [{ code, retryable, ...given({ problems: problems?.slice(0, MAX_PROBLEMS) }) }],
  });
}

/** A failure may have 4 KiB in all. */
const MAX_REPORT_MESSAGE = 1_500;
const MAX_PROBLEMS = 5;

/** Another worker of the task queue may take reports. */
export function takesNoReports(): ApplicationFailure {
  return withoutStack({
    type: REPORT_FAILURES.notTaken,
    message: 'this worker takes no reports; give it the option reports: callReports(), see docs/any-language.md',
  });
}

/** The client's errors have these fields. Activities do not load the client. */
type ClientError = Error & {
  readonly code: string;
  readonly retryable: boolean;
  readonly problems?: readonly unknown[];
};

function isClientError(error: unknown): error is ClientError {
  return error instanceof Error && 'retryable' in error && typeof error.retryable === 'boolean' && 'code' in error;
}

function attemptInWords({ endpoint, retryDelaysMs }: DeliverInput, { attempt }: AttemptReport): string {
  const place = `attempt ${attempt.number} of ${attemptsIn(retryDelaysMs)}`;
  if (attempt.outcome === 'not_sent') return `${place} was not sent to ${endpoint.host} (${answerInWords(attempt)})`;
  return `${place}: ${answerInWords(attempt)} from ${endpoint.host} in ${Math.round(attempt.durationMs)} ms`;
}

function whatComesNext({ attempt }: AttemptReport, verdict: Exclude<Verdict, 'delivered'>): string {
  if (verdict === 'gone') return 'not retried: the receiver removed this URL';
  if (verdict === 'not_sent') return 'our own fault, so no attempt is spent; it goes once our side can send';
  if (verdict === 'refused') return 'not retried: our own rules forbid it, see docs/errors.md';
  return attempt.nextAttemptAt === undefined
    ? 'no attempt is left'
    : `next attempt at ${attempt.nextAttemptAt.slice(11, 19)}Z`;
}

function withoutStack(options: Parameters<typeof ApplicationFailure.create>[0]): ApplicationFailure {
  // Benign makes the SDK log it at debug level: a receiver that is down is no error of this worker. We log it
  // ourselves.
  const failure = ApplicationFailure.create({ category: ApplicationFailureCategory.BENIGN, ...options });
  failure.stack = '';
  return failure;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/**
 * Reads the payloads of signals. They come from our client, and from people who type into the Web UI's dialog, so
 * they may have any shape. The workflow reads them as they arrive; a throw there would leave the run stuck. The
 * client reads the same payloads from history. No function here throws.
 */
import { ATTEMPT_OUTCOMES, ATTEMPT_TRIGGERS, type Attempt } from './delivery-state.ts';
import { given } from './given.ts';
import { MAX_RETRY_DELAYS } from './run-limits.ts';
import type { AttemptReport, CancelSignal, RetryNowSignal } from './run-messages.ts';

/** Reads the payload of a cancel: an object, a reason as plain text, or nothing. Fields of a wrong shape are left
 *  out. */
export function readCancelRequest(payload: unknown): CancelSignal {
  if (typeof payload === 'string') return { reason: payload.slice(0, MAX_REASON) };
  const { reason, attemptsMade, letGo } = fieldsOf(payload);
  const counts = Object.entries(fieldsOf(attemptsMade)).flatMap(([id, count]) => (isMade(count) ? [[id, count]] : []));
  return given({
    reason: textIn(reason, MAX_REASON),
    endpointId: endpointMeant(payload),
    attemptsMade: counts.length === 0 ? undefined : (Object.fromEntries(counts) as Record<string, number>),
    letGo: letGo === true || undefined,
  });
}

/** Reads the payload of a retryNow: an object or nothing. Fields of a wrong shape are left out. */
export function readRetryNowSignal(payload: unknown): RetryNowSignal {
  const { attemptsMade } = fieldsOf(payload);
  return given({
    endpointId: endpointMeant(payload),
    attemptsMade: isMade(attemptsMade) ? attemptsMade : undefined,
  });
}

/** Reads an attempt report. Undefined unless every field is present and has a value that an attempt of ours can have.
 *  So callers need no further check. */
export function readAttemptReport(payload: unknown): AttemptReport | undefined {
  const { endpointId, nextDelayMs, bodyBytes, bodySha256, notifies, ...rest } = fieldsOf(payload);
  const attempt = readAttempt(rest['attempt']);
  if (typeof endpointId !== 'string' || attempt === undefined) return undefined;
  if (!isCount(bodyBytes) || typeof bodySha256 !== 'string' || !/^[0-9a-f]{64}$/.test(bodySha256)) return undefined;
  if (nextDelayMs !== undefined && !isDuration(nextDelayMs)) return undefined;
  const optional = given({ nextDelayMs, notifies: notifies === true || undefined });
  return { endpointId, attempt, bodyBytes, bodySha256, ...optional };
}

/** Reads an attempt, as `readAttemptReport` does. */
export function readAttempt(value: unknown): Attempt | undefined {
  const { number, trigger, startedAt, durationMs, outcome, status, code, nextAttemptAt } = fieldsOf(value);
  if (!isCount(number) || number < 1 || number > MAX_RETRY_DELAYS + 1) return undefined;
  if (!isOneOf(ATTEMPT_TRIGGERS, trigger) || !isOneOf(ATTEMPT_OUTCOMES, outcome)) return undefined;
  if (!isTime(startedAt) || !isDuration(durationMs)) return undefined;
  return {
    number,
    trigger,
    startedAt,
    durationMs,
    outcome,
    ...given({
      status: isCount(status) ? status : undefined,
      code: textIn(code, MAX_CODE),
      nextAttemptAt: isTime(nextAttemptAt) ? nextAttemptAt : undefined,
    }),
  };
}

/** The endpoint that a person meant. Undefined for all of them, which only a payload without any endpoint means. What
 *  was meant for one endpoint and mistyped is for none, as it must not stop the others. */
function endpointMeant(payload: unknown): string | undefined {
  if (Array.isArray(payload) && payload.length > 0) return NO_ENDPOINT;
  const named = Object.entries(fieldsOf(payload)).find(([name]) => /^endpoint_?ids?$/i.test(name));
  if (named === undefined) return undefined;
  return typeof named[1] === 'string' ? named[1] : NO_ENDPOINT;
}

const NO_ENDPOINT = '';

function textIn(value: unknown, maxLength?: number): string | undefined {
  return typeof value === 'string' ? value.slice(0, maxLength) : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isMade(value: unknown): value is number {
  return isCount(value) && value > 0;
}

/** Milliseconds up to 1e12, which are 31 years. Added to a time, they always give a valid time. */
function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1e12;
}

/** A time in the form that `Date.toISOString` writes for years of four digits. */
function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value));
}

function isOneOf<T>(known: readonly T[], value: unknown): value is T {
  return (known as readonly unknown[]).includes(value);
}

/** Our own reason codes are shorter. */
const MAX_CODE = 64;

/** Long enough for a sentence and a ticket number. The reason stands in the run's outcome. */
const MAX_REASON = 500;

function fieldsOf(payload: unknown): Partial<Record<string, unknown>> {
  return typeof payload === 'object' && payload !== null ? payload : {};
}

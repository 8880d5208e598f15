/**
 * What a signal carries, taken apart with care: payloads come from people typing into a dialog as well as from our client. The
 * workflow reads them, where a throw would leave the run stuck, and the client, which finds the same payloads in histories.
 */
import { ATTEMPT_OUTCOMES, ATTEMPT_TRIGGERS, type Attempt } from './delivery-state.ts';
import { MAX_RETRY_DELAYS } from './limits.ts';
import type { AttemptReport, CancelSignal, RetryNowSignal } from './run-messages.ts';

/** A cancel request out of whatever a person sent: an object, a bare reason, or nothing. */
export function readCancelRequest(payload: unknown): CancelSignal {
  if (typeof payload === 'string') return { reason: payload.slice(0, MAX_REASON) };
  const { reason, endpointId, attemptsMade } = fieldsOf(payload);
  const counts = Object.entries(fieldsOf(attemptsMade)).filter(([, count]) => isCount(count) && count > 0) as [
    string,
    number,
  ][];
  return {
    ...(typeof reason === 'string' ? { reason: reason.slice(0, MAX_REASON) } : {}),
    ...(typeof endpointId === 'string' ? { endpointId } : {}),
    ...(counts.length > 0 ? { attemptsMade: Object.fromEntries(counts) } : {}),
  };
}

/** A retryNow request out of whatever a person sent. */
export function readRetryNowSignal(payload: unknown): RetryNowSignal {
  const { endpointId, attemptsMade } = fieldsOf(payload);
  return {
    ...(typeof endpointId === 'string' ? { endpointId } : {}),
    ...(isCount(attemptsMade) && attemptsMade > 0 ? { attemptsMade } : {}),
  };
}

/** An attempt report, or undefined where the payload is none: whatever lacks a field or has one that an attempt of ours cannot
 *  have. What it returns can be entered, shown and counted without another look. */
export function readAttemptReport(payload: unknown): AttemptReport | undefined {
  const { endpointId, nextDelayMs, bodyBytes, bodySha256, ...rest } = fieldsOf(payload);
  const attempt = readAttempt(rest['attempt']);
  if (typeof endpointId !== 'string' || attempt === undefined) return undefined;
  if (!isCount(bodyBytes) || typeof bodySha256 !== 'string' || !/^[0-9a-f]{64}$/.test(bodySha256)) return undefined;
  if (nextDelayMs !== undefined && !isDuration(nextDelayMs)) return undefined;
  return { endpointId, attempt, ...(nextDelayMs === undefined ? {} : { nextDelayMs }), bodyBytes, bodySha256 };
}

function readAttempt(value: unknown): Attempt | undefined {
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
    ...(isCount(status) ? { status } : {}),
    ...(typeof code === 'string' ? { code: code.slice(0, MAX_CODE) } : {}),
    ...(isTime(nextAttemptAt) ? { nextAttemptAt } : {}),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Milliseconds that can be added to a time and give one; 1e12 are 31 years. */
function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1e12;
}

/** In the form that `Date.toISOString` writes, of a year with four digits. */
function isTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value));
}

function isOneOf<T>(known: readonly T[], value: unknown): value is T {
  return (known as readonly unknown[]).includes(value);
}

/** Ours are shorter. */
const MAX_CODE = 64;

/** Long enough for a sentence and a ticket number; it stands in the outcome of the run. */
const MAX_REASON = 500;

function fieldsOf(payload: unknown): Partial<Record<string, unknown>> {
  return typeof payload === 'object' && payload !== null ? payload : {};
}

/**
 * What a signal carries, taken apart with care: payloads come from people typing into a dialog as well as from our client. The
 * workflow reads them, where a throw would leave the run stuck, and the client, which finds the same payloads in histories.
 */
import type { AttemptReport, CancelRequest, RetryNowRequest } from './webhook-run.ts';

/** A cancel request out of whatever a person sent: an object, a bare reason, or nothing. */
export function readCancelRequest(payload: unknown): CancelRequest {
  if (typeof payload === 'string') return { reason: payload.slice(0, MAX_REASON) };
  const { reason, endpointId } = fieldsOf(payload);
  return {
    ...(typeof reason === 'string' ? { reason: reason.slice(0, MAX_REASON) } : {}),
    ...(typeof endpointId === 'string' ? { endpointId } : {}),
  };
}

/** A retryNow request out of whatever a person sent. */
export function readRetryNowRequest(payload: unknown): RetryNowRequest {
  const { endpointId, attemptsMade } = fieldsOf(payload);
  return {
    ...(typeof endpointId === 'string' ? { endpointId } : {}),
    ...(typeof attemptsMade === 'number' && Number.isSafeInteger(attemptsMade) && attemptsMade > 0
      ? { attemptsMade }
      : {}),
  };
}

/** An attempt report, or undefined where the payload is none. */
export function readAttemptReport(payload: unknown): AttemptReport | undefined {
  const { endpointId, attempt } = fieldsOf(payload);
  const { number } = fieldsOf(attempt);
  return typeof endpointId === 'string' && typeof number === 'number' ? (payload as AttemptReport) : undefined;
}

/** Long enough for a sentence and a ticket number; it stands in the outcome of the run. */
const MAX_REASON = 500;

function fieldsOf(payload: unknown): Partial<Record<string, unknown>> {
  return typeof payload === 'object' && payload !== null ? payload : {};
}

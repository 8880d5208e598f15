/** Signals and queries of every run; names from contract/names, words for the Web UI's dialogs beside them. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { WebhookStatus } from '../contract/delivery-state.ts';
import { QUERIES, SIGNALS } from '../contract/names.ts';
import type { AttemptReport, CancelRequest, RetryNowRequest } from '../contract/webhook-run.ts';

// Payloads come from people typing into a dialog as well as from our client, so every handler takes `unknown` shapes
// apart itself: a signal handler that throws would leave the run stuck.
export const cancelSignal = defineSignal<[CancelRequest | string | undefined]>(SIGNALS.cancel);
export const retryNowSignal = defineSignal<[RetryNowRequest | undefined]>(SIGNALS.retryNow);
export const attemptFailedSignal = defineSignal<[AttemptReport]>(SIGNALS.attemptFailed);
export const statusQuery = defineQuery<WebhookStatus>(QUERIES.status);

export const DESCRIPTIONS = {
  cancel:
    'Stops this webhook. Input, optional: {"reason": "…"}; for one endpoint only, {"reason": "…", "endpointId": "ep_…"}. An attempt in flight may still deliver.',
  retryNow:
    'Sends the waiting attempt now. Input: none; for one endpoint only, {"endpointId": "ep_…"}. Does nothing where no attempt waits.',
  attemptFailed: 'Not for people: the worker tells the run of a failed attempt.',
  status: 'Where this webhook stands: every endpoint, every attempt, the next attempt. No input.',
} as const;

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

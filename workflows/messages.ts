/** Signals and queries of every run; names from contract/names, words for the Web UI's dialogs beside them. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { WebhookStatus } from '../contract/delivery-state.ts';
import { QUERIES, SIGNALS } from '../contract/names.ts';
import type { AttemptReport, CancelRequest, RetryNowSignal } from '../contract/run-messages.ts';

// Handlers read payloads by contract/signal-payloads.ts: whatever a person typed, none may throw.
export const cancelSignal = defineSignal<[CancelRequest | string | undefined]>(SIGNALS.cancel);
export const retryNowSignal = defineSignal<[RetryNowSignal | undefined]>(SIGNALS.retryNow);
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

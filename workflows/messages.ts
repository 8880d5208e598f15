/** Signals and queries of every run, with their descriptions for the Web UI's dialogs. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { WebhookStatus } from '../contract/delivery-state.ts';
import { QUERIES, SIGNALS } from '../contract/names.ts';
import type { AttemptReport, CancelRequest, RetryNowSignal } from '../contract/run-messages.ts';

// A person may type any payload. Handlers read payloads through contract/signal-payloads.ts, which never throws.
export const cancelSignal = defineSignal<[CancelRequest | string | undefined]>(SIGNALS.cancel);
export const retryNowSignal = defineSignal<[RetryNowSignal | undefined]>(SIGNALS.retryNow);
export const attemptFailedSignal = defineSignal<[AttemptReport]>(SIGNALS.attemptFailed);
export const statusQuery = defineQuery<WebhookStatus>(QUERIES.status);

export const DESCRIPTIONS = {
  cancel:
    'Stops this webhook. Input, optional: {"reason": "…"}; for one endpoint only, ' +
    '{"reason": "…", "endpointId": "ep_…"}. An attempt in flight may still deliver.',
  retryNow:
    'Sends the waiting attempt now. Input: none; for one endpoint only, {"endpointId": "ep_…"}. ' +
    'Does nothing when no attempt waits.',
  attemptFailed: 'Not for people: the worker sends this signal after a failed attempt.',
  status: 'Shows where this webhook stands: every endpoint, every attempt, the next attempt. No input.',
} as const;

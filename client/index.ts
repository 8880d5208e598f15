/** Door ./client, for the call engine. It loads @temporalio/client and zod, and no worker code. */
export { WebhookClient } from './webhook-client.ts';
export type { FindOptions, FoundWebhook } from './webhook-client.ts';
export { WebhookHandle } from './webhook-handle.ts';
export { callReports } from './call-reports.ts';
export type { ReportOptions } from './call-reports.ts';
export type { ReportAnswer, ReportedWebhook } from '../contract/report-answer.ts';
export type { CancelAnswer, RedeliverAnswer, RetryNowAnswer } from './control-answers.ts';
export {
  AlreadyDeliveredError,
  HistoryGoneError,
  IdOfAnotherAccountError,
  InputTooLargeError,
  InvalidInputError,
  NamespaceNotFoundError,
  ResultTimeoutError,
  SearchAttributesMissingError,
  SlowRunError,
  StillRunningError,
  TemporalRefusedError,
  TemporalUnavailableError,
  UnknownEndpointError,
  StoredPayloadError,
  UnreadableRunError,
  WebhookClientError,
  WebhookNotFoundError,
} from './errors.ts';
export type { SkippedRun } from './find-webhooks.ts';
export type { ReconcilableLog } from './reconcilable-log.ts';
export type { Reconciled, ReconcileOptions, ReconcileProgress } from './reconcile.ts';
export type { RedeliverRequest } from './redeliver.ts';
export type { RequestOptions, ResultRequest } from '../contract/schemas/control-requests.ts';
export type { SentAttempt, SentBody, SentRequest, WebhookRequest } from './sent-request.ts';
export type { CallEnded } from '../contract/schemas/call-ended.ts';
export type { CampaignEvent } from '../contract/schemas/campaign-event.ts';
export type { FindableState, FindFilter } from '../contract/schemas/find-filter.ts';
export type { WebhookTest } from '../contract/schemas/webhook-test.ts';
export type { WebhookClientOptions, WebhookWarning } from '../contract/schemas/client-options.ts';
export type {
  Attempt,
  DeliveryOutcome,
  DeliveryState,
  DeliveryStatus,
  LiveState,
  WebhookResult,
  Stalled,
  UnheardSignal,
  WebhookStatus,
} from '../contract/delivery-state.ts';

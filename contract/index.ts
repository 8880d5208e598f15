/** Door ./contract: what engine, worker and receiver agree on. Pure data and functions. It loads zod, and no Temporal
 *  package. */
export { statusesOf } from './collected-artifacts.ts';
export type { CollectedArtifacts, TranscriptEntry } from './collected-artifacts.ts';
export { DEFAULT_DELIVERY_POLICY } from './default-policy.ts';
export type { DeliveryPolicy } from './delivery-policy.ts';
export type {
  ArtifactStatus,
  ArtifactStatuses,
  Attempt,
  AttemptOutcome,
  AttemptTrigger,
  DeliveryOutcome,
  DeliveryState,
  DeliveryStatus,
  LiveState,
  WebhookResult,
  Stalled,
  UnheardSignal,
  WebhookStatus,
} from './delivery-state.ts';
export { EgressConfigError, LOOPBACK_EGRESS, parseEgressOptions } from './egress/policy.ts';
export type { EgressOptions, EgressPolicy } from './egress/policy.ts';
export { CALL_EVENTS, CAMPAIGN_EVENTS, DEFAULT_EVENTS, EVENT_NAMES, isEventName } from './event-types.ts';
export type { CallEventName, CampaignEventName, ConfigLevel, EventName } from './event-types.ts';
export { FAILURE_TYPES } from './names.ts';
export { QUERIES, SIGNALS } from './names.ts';
export { ACTIVITY_TYPES, DEFAULT_TASK_QUEUE, SEARCH_ATTRIBUTES, WORKFLOW_TYPES } from './server-names.ts';
export { attemptsIn, DEFAULT_RETRY_DELAYS_MS, scheduleSpanMs, waitAfter } from './retry-schedule.ts';
export { bodySchemas } from './schemas/bodies.ts';
export { callEndedSchema } from './schemas/call-ended.ts';
export type { CallEnded, Expects } from './schemas/call-ended.ts';
export { deliveryRecordSchema } from './schemas/delivery-record.ts';
export type { DeliveryRecord } from './schemas/delivery-record.ts';
export { InvalidInputError } from './schemas/invalid-input.ts';
export type { WebhookBodies } from './schemas/received-bodies.ts';
export { parseWebhookConfig } from './schemas/webhook-config.ts';
export type { WebhookConfig } from './schemas/webhook-config.ts';
export { settleDelayFor } from './delivery-policy.ts';
export { judgeWebhookUrl } from './egress/url-rules.ts';
export { callWorkflowId, campaignWorkflowId } from './workflow-id.ts';
export { HEADERS } from './headers.ts';

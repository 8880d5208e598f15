/** Door `@topcalls/webhooks/receiver`, for the customer's server. It loads node:crypto only: no Temporal, no zod. */
export type {
  CallCompletedEvent,
  CallFailedEvent,
  CampaignUpdateEvent,
  WebhookEvent,
  WebhookEventOf,
  WebhookTestEvent,
} from '../contract/event-bodies.ts';
export type { CheckedEvent, EventProblem } from '../contract/schemas/received-bodies.ts';
export type { AnswerCode, ReceiverAnswer } from './answers.ts';
export type { RawBody } from './body-bytes.ts';
export { checkEvent } from './check-event.ts';
export type { WebhookPayload } from './event-of.ts';
export { memorySeenEvents } from './memory-seen-events.ts';
export type { MemorySeenEventsOptions } from './memory-seen-events.ts';
export { nodeHandler } from './node-handler.ts';
export { PostgresSeenEvents } from './postgres-seen-events.ts';
export type { PostgresSeenEventsOptions, SeenEventsPool } from './postgres-seen-events.ts';
export type { WebhookHeaders } from './read-headers.ts';
export { receive } from './receive.ts';
export type { ReceiverRequest, WebhookReceiver } from './receive.ts';
export type {
  Delivery,
  EventHandler,
  EventHandlers,
  ReceiveOptions,
  ReceiverLogLine,
  UnknownEvent,
} from './receive-options.ts';
export type { RejectedWebhook, RejectionCode } from './rejections.ts';
export type { ClaimAnswer, SeenEvents } from './seen-events.ts';
export { signTestRequest } from './sign-test-request.ts';
export type { TestRequest, TestRequestOptions } from './sign-test-request.ts';
export { generateSecret } from '../signature/secret.ts';
export { verifyWebhook } from './verify-webhook.ts';
export type { VerifiedWebhook, VerifyOptions, VerifyResult } from './verify-webhook.ts';
export { webHandler } from './web-handler.ts';

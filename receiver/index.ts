/** Door `@topcalls/webhooks/receiver`, for the customer's server. Loads node:crypto and nothing else: no Temporal, no zod. */
export { verifyWebhook } from './verify-webhook.ts';
export type { RawBody } from './body-bytes.ts';
export type { WebhookPayload } from './event-of.ts';
export type { WebhookHeaders } from './read-headers.ts';
export type { RejectedWebhook, RejectionCode } from './rejections.ts';
export type { VerifiedWebhook, VerifyOptions, VerifyResult } from './verify-webhook.ts';

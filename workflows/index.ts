/**
 * The workflows of this package. A host adds them to its own workflows file with
 * `export * from '@topcalls/webhooks/workflows'`.
 */
export { callWebhook } from './call-webhook.ts';
export { campaignWebhook } from './campaign-webhook.ts';
export { webhookMaintenance } from './maintenance.ts';

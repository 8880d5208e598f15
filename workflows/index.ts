/** Every workflow of the bundle. A host folds them into its own workflows file with `export * from '@topcalls/webhooks/workflows'`. */
export { callWebhook } from './call-webhook.ts';
export { campaignWebhook } from './campaign-webhook.ts';

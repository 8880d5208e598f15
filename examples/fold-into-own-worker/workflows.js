/** All workflows of this worker, one bundle: the host's own, and the package's callWebhook and campaignWebhook. */
export * from '@topcalls/webhooks/workflows';
export { conductCall } from './conduct-call.js';

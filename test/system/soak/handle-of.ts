/** The handle of a webhook whose workflow id is known. */
import type { WebhookClient, WebhookHandle } from '../../../client/index.ts';

/** `call-webhook/<call>` and `campaign-webhook/<campaign>/<event>`, as the soak's ids are. */
export function handleOf(webhooks: WebhookClient, workflowId: string): WebhookHandle {
  const [type, id = '', event] = workflowId.split('/');
  if (type === 'call-webhook') return webhooks.call(id);
  return webhooks.campaign(id, event as CampaignEventName);
}

type CampaignEventName = Parameters<WebhookClient['campaign']>[1];

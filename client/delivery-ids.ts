/** Ids of endpoints and of webhooks. Receivers deduplicate by the webhook id. The client makes the hashes, because
 *  the workflow sandbox has no crypto. The input carries them, so a run keeps its ids even if later code computes
 *  others. */
import { hash } from 'node:crypto';
import { canonicalUrl } from '../contract/endpoints.ts';

/** Endpoint id: `ep_` and 12 characters. The same URL always gives the same id. */
export function endpointIdOf(url: string): string {
  return endpointId(canonicalUrl(url));
}

/** The ids of one delivery. The webhook id is `msg_` and 24 characters. It is the same on every attempt and redelivery
 *  of one event to one URL. */
export function deliveryIdsOf(workflowId: string, event: string, url: string) {
  const canonical = canonicalUrl(url);
  const webhookId = `msg_${hashOf(`${workflowId}\n${event}\n${canonical}`).slice(0, 24)}`;
  return { endpointId: endpointId(canonical), webhookId };
}

function endpointId(canonical: string): string {
  return `ep_${hashOf(canonical).slice(0, 12)}`;
}

function hashOf(text: string): string {
  return hash('sha256', text, 'base64url');
}

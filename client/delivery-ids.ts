/** Ids of endpoints and of webhooks. Receivers deduplicate by the webhook id. The client makes the hashes, because
 *  the workflow sandbox has no crypto. The input carries them, so a run keeps its ids even if later code computes
 *  others. */
import { createHash } from 'node:crypto';
import { canonicalUrl } from '../contract/endpoints.ts';

/** Endpoint id: `ep_` and 12 characters. The same URL always gives the same id. */
export function endpointIdOf(url: string): string {
  return `ep_${hash(canonicalUrl(url)).slice(0, 12)}`;
}

/** Webhook id: `msg_` and 24 characters. It is the same on every attempt and redelivery of one event to one URL. */
export function webhookIdOf(workflowId: string, event: string, url: string): string {
  return `msg_${hash(`${workflowId}\n${event}\n${canonicalUrl(url)}`).slice(0, 24)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Ids of endpoints and of webhooks. Receivers deduplicate by the webhook id. The client makes the hashes, because
 *  the workflow sandbox has no crypto. The input carries them, so a run keeps its ids even if later code computes
 *  others. */
import { hash } from 'node:crypto';
import { canonicalUrl } from '../contract/endpoints.ts';

/** Endpoint id: `ep_` and 12 characters. The same URL always gives the same id. `canonical`: its canonical form,
 *  if the caller has it. */
export function endpointIdOf(url: string, canonical = canonicalUrl(url)): string {
  return `ep_${hashOf(canonical).slice(0, 12)}`;
}

/** Webhook id: `msg_` and 24 characters. It is the same on every attempt and redelivery of one event to one URL.
 *  `canonical` as above. */
export function webhookIdOf(workflowId: string, event: string, url: string, canonical = canonicalUrl(url)): string {
  return `msg_${hashOf(`${workflowId}\n${event}\n${canonical}`).slice(0, 24)}`;
}

function hashOf(text: string): string {
  return hash('sha256', text, 'base64url');
}

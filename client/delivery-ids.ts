/** Ids of endpoints and deliveries: the receiver's deduplication keys. Hashed in the client, since the workflow sandbox
 *  has no crypto; carried in the input, so a run keeps its ids whatever later code computes. */
import { createHash } from 'node:crypto';
import { canonicalUrl } from '../contract/endpoints.ts';

/** `ep_` + 12 characters: the same for the same URL, everywhere. */
export function endpointIdOf(url: string): string {
  return `ep_${hash(canonicalUrl(url)).slice(0, 12)}`;
}

/** `msg_` + 24 characters: the same on every attempt and redelivery of one event to one URL. */
export function webhookIdOf(workflowId: string, event: string, url: string): string {
  return `msg_${hash(`${workflowId}\n${event}\n${canonicalUrl(url)}`).slice(0, 24)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

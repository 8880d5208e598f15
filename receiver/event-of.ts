/** Which event a verified body tells of. Read from the body alone: `X-TopCalls-Event` is not signed. */
import type { EventName } from '../contract/event-types.ts';

/** The body as parsed. Verified, not validated: it is what the sender sent, field by field as the vendor's page lists. */
export type WebhookPayload = Readonly<Record<string, unknown>>;

/** Known names complete in an editor; a receiver may be older than its sender, so any name can come. */
export type ReceivedEventName = EventName | (string & Record<never, never>);

/** Parses a verified body; undefined where it is not a JSON object. */
export function parsePayload(body: Buffer): WebhookPayload | undefined {
  try {
    const payload: unknown = JSON.parse(body.toString('utf8'));
    return isJsonObject(payload) ? payload : undefined;
  } catch {
    return undefined;
  }
}

/** The event a payload names, or for a call without a name the one its `status` decides; undefined where neither says.
 *  The vendor's sample has no `event` key, and receivers keep such bodies: dropping them would break what the page
 *  promises. `status` decides, not `call_status`, which is free text. */
export function eventOf(payload: WebhookPayload): ReceivedEventName | undefined {
  const { event, call_id: callId, status } = payload;
  if (event !== undefined) return typeof event === 'string' && event !== '' ? event : undefined;
  if (typeof callId !== 'string') return undefined;
  if (status === 'completed') return 'call.completed';
  if (status === 'failed') return 'call.failed';
  return undefined;
}

function isJsonObject(value: unknown): value is WebhookPayload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

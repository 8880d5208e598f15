/** Which event a verified body is about. Read from the body alone, for `X-TopCalls-Event` is not signed. */
import type { EventName } from '../contract/event-types.ts';

/** The body as parsed JSON. It is verified, not validated: it holds what the sender sent. The vendor's page lists its
 *  fields. */
export type WebhookPayload = Readonly<Record<string, unknown>>;

/** An event name. Editors complete the known names; any text is allowed, for the sender may be newer than this
 *  receiver. */
export type ReceivedEventName = EventName | (string & Record<never, never>);

/** Parses a verified body. Undefined if it is not a JSON object. */
export function parsePayload(body: Buffer): WebhookPayload | undefined {
  try {
    const payload: unknown = JSON.parse(body.toString('utf8'));
    return isJsonObject(payload) ? payload : undefined;
  } catch {
    return undefined;
  }
}

/** The event that a payload names. A call that names none gets its event from `status`. Undefined if neither is there.
 *  The vendor's sample has no `event` key, so such bodies must be accepted. `call_status` is not used: it is free
 *  text. */
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

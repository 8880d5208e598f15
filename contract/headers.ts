/**
 * Names of our request headers, as they are sent and as node gives them to a receiver. They are not in names.ts, since
 * workflows load that. Pure data.
 */

/** Names of our request headers, spelled as they are sent. */
export const SENT_HEADERS = {
  legacySignature: 'X-TopCalls-Signature',
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
  event: 'X-TopCalls-Event',
  attempt: 'X-TopCalls-Attempt',
} as const;

/** The same names in lower case, as Node gives them to a receiver. */
export const HEADERS = {
  legacySignature: received(SENT_HEADERS.legacySignature),
  id: received(SENT_HEADERS.id),
  timestamp: received(SENT_HEADERS.timestamp),
  signature: received(SENT_HEADERS.signature),
  event: received(SENT_HEADERS.event),
  attempt: received(SENT_HEADERS.attempt),
} as const;

function received<Name extends string>(name: Name): Lowercase<Name> {
  return name.toLowerCase() as Lowercase<Name>;
}

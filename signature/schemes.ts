/**
 * The two signature schemes: from key and message to the text of the signature. sign.ts and verify.ts both use these
 * functions, so what is sent and what is expected cannot drift apart.
 */
import { createHash, createHmac } from 'node:crypto';

/** What both schemes sign: the body as it goes over the wire. A string means its UTF-8 bytes. */
export type SignedBody = string | Uint8Array;

/** What the Standard Webhooks scheme signs. `timestamp` is text, since the header's characters are signed. */
export type StandardMessage = {
  /** The value of `webhook-id`. */
  readonly id: string;
  /** The value of `webhook-timestamp`, unix seconds. */
  readonly timestamp: string;
  readonly body: SignedBody;
};

/** Version tag of HMAC-SHA256 in `webhook-signature`; `v1a` and later ones are other algorithms. */
export const STANDARD_VERSION = 'v1';

/** A well-formed `X-TopCalls-Signature`: 64 lower-case hex digits, the only form the vendor's verifier takes. */
export const BODY_SIGNATURE_PATTERN = /^[0-9a-f]{64}$/;

/** A well-formed base64 of 32 bytes. The last digit carries 4 bits, so only every fourth letter may end it. */
export const STANDARD_SIGNATURE_PATTERN = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** X-TopCalls scheme: lower-case hex of HMAC-SHA256 over the body alone. Source: seed page, "Signature
 *  Verification". */
export function bodySignature(key: Buffer, body: SignedBody): string {
  return createHmac('sha256', key).update(body).digest('hex');
}

/** Standard Webhooks 1.0.0: base64 of HMAC-SHA256 over `id.timestamp.body`, without the `v1,` in front. */
export function standardSignature(key: Buffer, message: StandardMessage): string {
  // Two updates, not one string: a body of bytes must not be decoded to text and encoded again.
  return createHmac('sha256', key).update(`${message.id}.${message.timestamp}.`).update(message.body).digest('base64');
}

/** SHA-256 of a body in lower-case hex. It identifies a delivery without a signed id, for every attempt sends the same
 *  bytes. */
export function bodyDigest(body: SignedBody): string {
  return createHash('sha256').update(body).digest('hex');
}

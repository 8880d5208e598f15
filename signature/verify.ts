/**
 * Judges one signature header against the keys a receiver holds. Form first, then a comparison in constant time:
 * `timingSafeEqual` throws on unequal lengths, and node's decoders turn junk into short or empty buffers that compare
 * equal. So the texts are compared, and only those whose alphabet and length are right.
 */
import { timingSafeEqual } from 'node:crypto';
import {
  BODY_SIGNATURE_PATTERN,
  bodySignature,
  STANDARD_SIGNATURE_PATTERN,
  STANDARD_VERSION,
  standardSignature,
} from './schemes.ts';
import type { SignedBody, StandardMessage } from './schemes.ts';

/** `malformed`: no value in the header has the form of the scheme, so nothing was compared. */
export type SignatureVerdict = 'match' | 'mismatch' | 'malformed';

/** Of a match, `position` says which of the header's space-separated values it was, from 0, values of other forms
 *  counted. Senders put the signature by their current secret first. */
export type StandardVerdict =
  | { readonly outcome: 'match'; readonly position: number }
  | { readonly outcome: 'mismatch' | 'malformed' };

/** Judges an `X-TopCalls-Signature` against any of `keys` (see `bodyKey`). No keys: mismatch. Never throws. */
export function verifyBodySignature(header: string, body: SignedBody, keys: readonly Buffer[]): SignatureVerdict {
  if (!BODY_SIGNATURE_PATTERN.test(header)) return 'malformed';
  return keys.some((key) => equalText(header, bodySignature(key, body))) ? 'match' : 'mismatch';
}

/** Judges a `webhook-signature`, i.e. a space-separated list of `v1,<base64>`, against any of `keys` (see
 *  `standardKey`). Values of other versions and of broken form are passed over, as Standard Webhooks 1.0.0 wants.
 *  Says nothing about the age of the timestamp. No keys: mismatch. Never throws. */
export function verifyStandardSignature(
  header: string,
  message: StandardMessage,
  keys: readonly Buffer[],
): StandardVerdict {
  const received = header.split(' ').map(standardSignatureIn);
  if (received.every((signature) => signature === undefined)) return { outcome: 'malformed' };
  const expected = keys.map((key) => standardSignature(key, message));
  const position = received.findIndex(
    (signature) => signature !== undefined && expected.some((own) => equalText(signature, own)),
  );
  return position === -1 ? { outcome: 'mismatch' } : { outcome: 'match', position };
}

/** The base64 of one `v1,<base64>`; undefined where the value has another version or form. */
function standardSignatureIn(value: string): string | undefined {
  const prefix = `${STANDARD_VERSION},`;
  const signature = value.slice(prefix.length);
  return value.startsWith(prefix) && STANDARD_SIGNATURE_PATTERN.test(signature) ? signature : undefined;
}

/** Both texts are ASCII of the pattern's fixed length by now; the length is checked once more since a throw is costly. */
function equalText(received: string, expected: string): boolean {
  const receivedBytes = Buffer.from(received);
  const expectedBytes = Buffer.from(expected);
  return receivedBytes.length === expectedBytes.length && timingSafeEqual(receivedBytes, expectedBytes);
}

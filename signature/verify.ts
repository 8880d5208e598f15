/**
 * Judges one signature header with the keys that a receiver holds. It checks the form first, then compares in constant
 * time.
 * `timingSafeEqual` throws on unequal lengths, and node's decoders turn junk into short or empty buffers that compare
 * equal. So the texts are compared, and only texts of the right alphabet and length.
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

/** `malformed`: no value of the header has the form of the scheme, so nothing was compared. */
export type SignatureVerdict = 'match' | 'mismatch' | 'malformed';

/** `position` says which of the header's space-separated values matched. It counts from 0 and counts values of other
 *  forms, too. Senders put the signature by their current secret first. */
export type StandardVerdict =
  | { readonly outcome: 'match'; readonly position: number }
  | { readonly outcome: 'mismatch' | 'malformed' };

/** Judges an `X-TopCalls-Signature`: any of `keys` (see `bodyKey`) may match. No keys: mismatch. Never throws. */
export function verifyBodySignature(header: string, body: SignedBody, keys: readonly Buffer[]): SignatureVerdict {
  if (!BODY_SIGNATURE_PATTERN.test(header)) return 'malformed';
  return keys.some((key) => equalText(header, bodySignature(key, body))) ? 'match' : 'mismatch';
}

/** Judges a `webhook-signature`, a space-separated list of `v1,<base64>`: any of `keys` (see `standardKey`) may match.
 *  Skips values of other versions and of a wrong form, as Standard Webhooks 1.0.0 requires. It does not check the age
 *  of the timestamp. No keys: mismatch. Never throws. */
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

/** The base64 of one `v1,<base64>`. Undefined if the value has another version or form. */
function standardSignatureIn(value: string): string | undefined {
  const prefix = `${STANDARD_VERSION},`;
  const signature = value.slice(prefix.length);
  return value.startsWith(prefix) && STANDARD_SIGNATURE_PATTERN.test(signature) ? signature : undefined;
}

/** Compares in constant time. Both texts have the pattern's length by now; it is checked again, since unequal lengths
 *  throw. */
function equalText(received: string, expected: string): boolean {
  const receivedBytes = Buffer.from(received);
  const expectedBytes = Buffer.from(expected);
  return receivedBytes.length === expectedBytes.length && timingSafeEqual(receivedBytes, expectedBytes);
}

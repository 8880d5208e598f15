/**
 * What a signing secret is, and the key that each scheme makes of it. Used by sign.ts and the receiver's door; knows
 * no HTTP. An empty secret never becomes a key: HMAC would accept it, and anybody could sign.
 */
import { randomBytes } from 'node:crypto';
import { MAX_SECRET_BYTES, MIN_SECRET_BYTES } from '../contract/limits.ts';

/** Every Standard Webhooks secret starts with this. */
export const SECRET_PREFIX = 'whsec_';

// 32 bytes: the length of a SHA-256 digest, above which HMAC gains nothing (RFC 2104, section 3).
const GENERATED_SECRET_BYTES = 32;

/** The secret to sign with is empty. Retrying does not help: the host's secret store has to be fixed. */
export class EmptySecretError extends Error {
  readonly code = 'empty_secret';
  constructor() {
    super('the current signing secret is the empty string: give the endpoint a secret, e.g. one from generateSecret()');
    this.name = 'EmptySecretError';
  }
}

/** Makes a new secret for both schemes: `whsec_` and the padded base64 of 32 random bytes, 50 characters in all. */
export function generateSecret(): string {
  return SECRET_PREFIX + randomBytes(GENERATED_SECRET_BYTES).toString('base64');
}

/** The key bytes of a Standard Webhooks secret. Undefined if the secret has another form: no `whsec_`, no strict
 *  base64 (standard alphabet, padded, canonical), or not 24–64 bytes. Source: Standard Webhooks 1.0.0.
 *  standardKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') → 24 bytes; standardKey('s3cret') → undefined. */
export function standardKey(secret: string): Buffer | undefined {
  if (!secret.startsWith(SECRET_PREFIX)) return undefined;
  const encoded = secret.slice(SECRET_PREFIX.length);
  const key = Buffer.from(encoded, 'base64');
  // Node decodes leniently: it skips other characters, stops at the first padding and accepts base64url. So encode the
  // bytes again. Only an equal text has the right alphabet, length, padding and trailing bits.
  if (key.toString('base64') !== encoded) return undefined;
  return key.length >= MIN_SECRET_BYTES && key.length <= MAX_SECRET_BYTES ? key : undefined;
}

/** The key bytes of the X-TopCalls scheme: the whole secret as UTF-8, with its prefix. The vendor's page passes it to
 *  `createHmac` like that. Undefined for an empty secret. */
export function bodyKey(secret: string): Buffer | undefined {
  return secret === '' ? undefined : Buffer.from(secret, 'utf8');
}

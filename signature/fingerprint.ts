/** A name for a secret that tells nothing of it: for people who compare what two places hold. */
import { createHash } from 'node:crypto';
import { standardKey } from './secret.ts';

/** Eight hex digits are enough to tell a new secret from an old one. */
const SHOWN_HEX = 8;

/** Stands before the secret in what is hashed. HMAC hashes a key of more than 64 bytes before it uses it (RFC 2104,
 *  section 2). So the bare SHA-256 of a long secret is its key for `X-TopCalls-Signature`: whoever forgot to cut it
 *  would give away the secret. */
const BEFORE_SECRET = 'fingerprint:';

/** The first 8 hex digits of the SHA-256 of `fingerprint:` and the secret's text. Undefined unless it has the form of a
 *  Standard Webhooks secret: a short secret of another form could be guessed, and its hash would say which guess is
 *  right. */
export function secretFingerprint(secret: string): string | undefined {
  return standardKey(secret) === undefined ? undefined : shortSha256(`${BEFORE_SECRET}${secret}`);
}

/** Of a text that holds these secrets: the same digits of its bare SHA-256, which is the key of nothing. Undefined
 *  unless one of the secrets cannot be guessed: nobody then guesses the whole text. */
export function fingerprintAround(text: string, secrets: readonly string[]): string | undefined {
  return secrets.some((secret) => standardKey(secret) !== undefined) ? shortSha256(text) : undefined;
}

function shortSha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, SHOWN_HEX);
}

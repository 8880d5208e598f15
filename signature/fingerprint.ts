/** A name for a secret that tells nothing of it: for people who compare what two places hold. */
import { createHash } from 'node:crypto';
import { standardKey } from './secret.ts';

/** Eight hex digits are enough to tell a new secret from an old one. */
const SHOWN_HEX = 8;

/** The first 8 hex digits of the SHA-256 of the secret's text. Undefined unless it has the form of a Standard Webhooks
 *  secret: a short secret of another form could be guessed, and its hash would say which guess is right. */
export function secretFingerprint(secret: string): string | undefined {
  return standardKey(secret) === undefined ? undefined : shortSha256(secret);
}

/** The same of a text that holds these secrets. Undefined unless one of them cannot be guessed: nobody then guesses the
 *  whole text. */
export function fingerprintAround(text: string, secrets: readonly string[]): string | undefined {
  return secrets.some((secret) => standardKey(secret) !== undefined) ? shortSha256(text) : undefined;
}

function shortSha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, SHOWN_HEX);
}

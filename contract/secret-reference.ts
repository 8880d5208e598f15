/**
 * Tells a signing secret from a reference to one. Settings stand in histories, logs and databases, so they must hold
 * references only. The rule and its reasons: docs/decisions/0016. Pure.
 */

/** Whether this text is a secret and not the name of one. It never takes a name for a secret: no path, ARN, UUID,
 *  digest of up to 40 hexadecimal digits, ULID, KSUID or JWK thumbprint. So it misses some secrets.
 *  looksLikeSecret('whsec_MfKQ…') → true; looksLikeSecret('projects/p/secrets/crm/versions/1') → false. */
export function looksLikeSecret(text: string): boolean {
  const start = text.slice(0, MAX_JUDGED_LENGTH);
  return PREFIXED.test(start) || start.includes('-----BEGIN') || LONG_HEX.test(start) || isBase64Key(start.trim());
}

/** References have at most 1,024 characters, and keys are shorter. */
const MAX_JUDGED_LENGTH = 2_048;
/** Standard Webhooks' prefixes of a shared secret and of a private key, also behind a quote or a space. */
const PREFIXED = /^[\s"'`]*whs(ec|k)_/i;
/** 24 bytes or more, written in hexadecimal. Ids are shorter: a UUID has 32 digits, a SHA-1 has 40. */
const LONG_HEX = /^\s*(0x)?[0-9a-f]{48,}\s*$/i;
/** 24 bytes or more in base64: the smallest secret of Standard Webhooks. */
const PADDED = /^[A-Za-z0-9+/_-]{31,}={1,2}$/;
const UNPADDED = /^[A-Za-z0-9+/]{32,}$/;

/** Without padding, `-` and `_` may join words, and 43 characters may be a JWK thumbprint, which names a key. A text
 *  with `/` may be a path. Such texts are not judged, unless `+` shows that it is base64. */
function isBase64Key(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  if (PADDED.test(text)) return holdsBytes(text);
  return UNPADDED.test(text) && (!text.includes('/') || text.includes('+')) && looksRandom(text) && holdsBytes(text);
}

/** Random characters change their class at two of three places, and have as many capitals as small letters. Words
 *  change less often. */
function looksRandom(text: string): boolean {
  const classes = Array.from(text, classOf);
  const count = (name: string) => classes.filter((each) => each === name).length;
  const changes = classes.filter((each, index) => index > 0 && each !== classes[index - 1]).length;
  const least = classes.length / 5;
  return changes * 2 >= classes.length && count('upper') >= least && count('lower') >= least && count('digit') > 0;
}

function classOf(character: string): string {
  if (/[a-z]/.test(character)) return 'lower';
  if (/[A-Z]/.test(character)) return 'upper';
  return /[0-9]/.test(character) ? 'digit' : 'other';
}

/** Whether the text is base64 of bytes that are no printable text. An id may be text in base64, a key is not. */
function holdsBytes(text: string): boolean {
  try {
    return !/^[\x20-\x7e]*$/.test(atob(text.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return false;
  }
}

/** What a fingerprint gives away. */
import { expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { secretFingerprint } from '../../../signature/fingerprint.ts';
import { bodySignature } from '../../../signature/schemes.ts';

const BODY = '{"event":"call.completed"}';

test('no digest that a fingerprint is cut from signs anything, however long the secret is', () => {
  for (let bytes = 24; bytes <= 64; bytes += 1) {
    const secret = `whsec_${randomBytes(bytes).toString('base64')}`;
    const key = Buffer.from(secret);
    const published = createHash('sha256').update(`fingerprint:${secret}`).digest();
    expect(published.toString('hex').slice(0, 8)).toBe(secretFingerprint(secret));
    expect(bodySignature(published, BODY)).not.toBe(bodySignature(key, BODY));
    // The bare digest of a long secret does sign: HMAC makes the same of such a key.
    const bare = createHash('sha256').update(secret).digest();
    expect(bodySignature(bare, BODY) === bodySignature(key, BODY)).toBe(secret.length > 64);
  }
});

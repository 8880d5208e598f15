/** What is taken for a secret, and what is the name of one. A false alarm would lose a customer's webhooks. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import { looksLikeSecret } from '../../../contract/secret-reference.ts';

// The samples are random texts.
// cspell:disable
const BARE = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe('is a secret', () => {
  it.each([
    ['a secret of Standard Webhooks', `whsec_${BARE}`],
    ['one in capitals', 'WHSEC_ABC'],
    ['one behind a space', ` whsec_${BARE}`],
    ['one in quotes', `"whsec_${BARE}"`],
    ['a private key of Standard Webhooks', 'whsk_abc'],
    ['a secret without its prefix', BARE],
    ['a key in PEM', '-----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBg\n-----END PRIVATE KEY-----'],
    ['24 bytes in hexadecimal', randomBytes(24).toString('hex')],
    ['32 bytes in hexadecimal', randomBytes(32).toString('hex')],
    ['32 bytes in hexadecimal, with a newline', `${randomBytes(32).toString('hex')}\n`],
    ['32 bytes in hexadecimal, with 0x', `0x${randomBytes(32).toString('hex').toUpperCase()}`],
    ['64 bytes in hexadecimal', randomBytes(64).toString('hex')],
    ['32 bytes in base64', 'AM8u7Sc3lVU4hZ0Jx2KXKk0BzgPWb1FUeeVOIqN6NoA='],
    ['32 bytes in padded base64url', 'AM8u7Sc3lVU4hZ0Jx2KXKk0BzgPWb1FUeeVOIqN6N_A='],
    ['64 bytes in base64', randomBytes(64).toString('base64')],
  ])('%s', (_what, text) => {
    expect(looksLikeSecret(text)).toBe(true);
  });

  it('any 32 random bytes in base64, however they fall', () => {
    for (let seed = 0; seed < 2_000; seed += 1) {
      const bytes = createHash('sha256').update(String(seed)).digest();
      expect({ seed, is: looksLikeSecret(bytes.toString('base64')) }).toEqual({ seed, is: true });
    }
  });
});

describe('is a reference', () => {
  it.each([
    ['', 'a', '12', 'main', 'acct_1', 'crm-prod', 'billing@example.com', 'webhook secret of ACME'],
    ['ids', randomUUID(), randomUUID().replaceAll('-', ''), '507f1f77bcf86cd799439011', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    [
      'ids',
      '0ujtsYcgvSTl8PAuAdqWYSMnLOv',
      'we_1MvWbW2eZvKYlo2CjGv2mQkn',
      'V1StGXR8_Z5jdHi6B-myT',
      'cjld2cjxh0000qzrmn831i7rn',
    ],
    ['ids', 'webhooks/0ujtsYcgvSTl8PAuAdqWYSMnLOv', 'kv/5d41402abc4b2a76b9719d911017c592/Acme'],
    ['ids', `AC${'0123456789abcdef'.repeat(2)}`, 'da39a3ee5e6b4b0d3255bfef95601890afd80709', '14155550199'],
    ['paths', 'secret/data/webhooks/acme', 'kv/prod/webhooks/Customer42/SecretName', 'vault:secret/data/acme#current'],
    ['paths', 'projects/topcalls/secrets/acme-webhook/versions/latest', 'op://Production/ACME Webhook/signing secret'],
    [
      'paths',
      'https://kv.vault.azure.net/secrets/acme/ec96f02080254f109c51a1f14cdb1931',
      '/run/secrets/ACME_WEBHOOK_SECRET',
    ],
    ['an ARN', 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:webhooks/acct_42-AbCdEf'],
    ['a JWK thumbprint', 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
    [
      'a name',
      'TheWebhookSigningSecretOfCustomerNumberOneHundredAndTwenty',
      'WEBHOOK_SECRET_2024_ACME_CORPORATION_EUROPE',
    ],
    [
      'an id as base64',
      'VXNlcjoxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMw==',
      Buffer.from('Endpoint:1234567890:acct_42').toString('base64'),
    ],
  ])('%s: %s …', (...texts) => {
    for (const text of texts) expect({ text, is: looksLikeSecret(text) }).toEqual({ text, is: false });
  });

  test('a name made of words, numbers and ids', () => {
    const word = fc.constantFrom('webhooks', 'Secret', 'prod', 'ACME', 'signing', 'Customer', 'eu-west-1', 'v2', 'Key');
    const id = fc.oneof(
      fc.uuid(),
      fc.nat().map(String),
      fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
      fc.constant('0ujtsYcgvSTl8PAuAdqWYSMnLOv'),
    );
    const separator = fc.constantFrom('/', ':', '-', '_', '.', ' ');
    const name = fc
      .array(fc.tuple(fc.oneof(word, word, id), separator), { minLength: 1, maxLength: 9 })
      .map((parts) => parts.flat().join(''));
    fc.assert(
      fc.property(name, (text) => !looksLikeSecret(text)),
      { numRuns: 10_000 },
    );
  });

  test('random ids of up to 31 characters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{1,31}$/), (text) => !looksLikeSecret(text)),
      { numRuns: 5_000 },
    );
  });
});

test('a text of ten megabytes is judged too', () => {
  expect(looksLikeSecret('a/'.repeat(5_000_000))).toBe(false);
  expect(looksLikeSecret('-'.repeat(10_000_000))).toBe(false);
});

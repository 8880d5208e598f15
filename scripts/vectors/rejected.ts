/** Requests a receiver must reject, each with the code that says why. */
import { prettyPrinted, SEED_BODY } from './bodies.ts';
import { FOREIGN_SECRET, NEW_SECRET, PLAIN_SECRET, reject, SECRET, SENT_AT, type Case } from './vector.ts';

const STANDARD = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
const LEGACY = 'X-TopCalls-Signature';

/** A case that replaces one header by a text made of what it was. */
function withHeader(name: string, header: string, change: (was: string) => string, code: string): Case {
  return { name, damage: (sent) => ({ ...sent, [header]: change(sent[header] ?? '') }), expected: reject(code) };
}

const TAMPERED = SEED_BODY.replace('+14155551234', '+14155551235');

export const REJECTED: readonly Case[] = [
  // The body
  { name: 'a tampered body', arrives: TAMPERED, expected: reject('signature_mismatch') },
  {
    name: 'a body printed again with blanks',
    arrives: prettyPrinted(SEED_BODY),
    expected: reject('signature_mismatch'),
  },
  { name: 'a body with a line end behind it', arrives: `${SEED_BODY}\n`, expected: reject('signature_mismatch') },
  // The secret
  { name: 'the secret of somebody else', secrets: [FOREIGN_SECRET], expected: reject('signature_mismatch') },
  { name: 'an empty secret', secrets: [''], expected: reject('missing_secret') },
  { name: 'no secret', secrets: [], expected: reject('missing_secret') },
  { name: 'a secret without whsec_', secrets: [SECRET.slice(6)], expected: reject('bad_secret') },
  { name: 'a secret of 16 bytes', secrets: ['whsec_MDEyMzQ1Njc4OWFiY2RlZg=='], expected: reject('bad_secret') },
  { name: 'a secret with a line end', secrets: [`${SECRET}\n`], expected: reject('bad_secret') },
  // The time
  { name: '301 seconds old', now: SENT_AT + 301, expected: reject('timestamp_too_old') },
  { name: '301 seconds ahead', now: SENT_AT - 301, expected: reject('timestamp_too_new') },
  withHeader(
    'a stale request with a fresh timestamp',
    'webhook-timestamp',
    () => `${SENT_AT + 1}`,
    'signature_mismatch',
  ),
  withHeader('a timestamp with a fraction', 'webhook-timestamp', (was) => `${was}.0`, 'timestamp_invalid'),
  withHeader('a timestamp with an exponent', 'webhook-timestamp', () => '1614265330e0', 'timestamp_invalid'),
  withHeader('a timestamp with a sign', 'webhook-timestamp', (was) => `+${was}`, 'timestamp_invalid'),
  withHeader('a timestamp in words', 'webhook-timestamp', () => 'now', 'timestamp_invalid'),
  // Headers that do not arrive
  { name: 'no webhook-id', without: ['webhook-id'], expected: reject('missing_header') },
  { name: 'no webhook-timestamp', without: ['webhook-timestamp'], expected: reject('missing_header') },
  { name: 'no webhook-signature', without: ['webhook-signature'], expected: reject('missing_header') },
  { name: 'no header at all', without: [...STANDARD, LEGACY], expected: reject('missing_header') },
  {
    name: 'stripped down to X-TopCalls-Signature, which anybody could replay',
    without: STANDARD,
    expected: reject('missing_header'),
  },
  {
    name: 'no header at all, where body-only signatures are allowed',
    without: [...STANDARD, LEGACY],
    allowBodyOnlySignature: true,
    expected: reject('missing_header'),
  },
  withHeader('an empty webhook-signature', 'webhook-signature', () => '', 'missing_header'),
  // webhook-signature
  withHeader('another webhook-id than was signed', 'webhook-id', (was) => `${was}x`, 'signature_mismatch'),
  withHeader(
    'a signature of a version we do not make',
    'webhook-signature',
    (was) => was.replace('v1', 'v1a'),
    'signature_malformed',
  ),
  withHeader('a signature without its version', 'webhook-signature', (was) => was.slice(3), 'signature_malformed'),
  withHeader('a signature cut short', 'webhook-signature', (was) => was.slice(0, -5), 'signature_malformed'),
  withHeader(
    'a signature with loose bits in its last digit',
    'webhook-signature',
    (was) => was.replace('U=', 'V='),
    'signature_malformed',
  ),
  withHeader('signatures separated by commas', 'webhook-signature', (was) => `${was},${was}`, 'signature_malformed'),
  // X-TopCalls-Signature beside it
  withHeader('X-TopCalls-Signature of 63 digits', LEGACY, (was) => was.slice(1), 'signature_malformed'),
  withHeader('X-TopCalls-Signature of 66 digits', LEGACY, (was) => `${was}00`, 'signature_malformed'),
  withHeader('X-TopCalls-Signature in capitals', LEGACY, (was) => was.toUpperCase(), 'signature_malformed'),
  withHeader('X-TopCalls-Signature that is not hex', LEGACY, () => 'z'.repeat(64), 'signature_malformed'),
  withHeader('X-TopCalls-Signature of something else', LEGACY, () => '0'.repeat(64), 'signature_mismatch'),
  // Body-only
  {
    name: 'body-only, a tampered body',
    signedWith: [PLAIN_SECRET],
    arrives: TAMPERED,
    allowBodyOnlySignature: true,
    expected: reject('signature_mismatch'),
  },
  {
    name: 'body-only, a rotation the receiver has not followed',
    signedWith: [NEW_SECRET, SECRET],
    without: STANDARD,
    secrets: [SECRET],
    allowBodyOnlySignature: true,
    expected: reject('signature_mismatch'),
  },
  {
    name: 'body-only, a signature of 63 digits',
    signedWith: [PLAIN_SECRET],
    damage: (sent) => ({ ...sent, [LEGACY]: (sent[LEGACY] ?? '').slice(1) }),
    allowBodyOnlySignature: true,
    expected: reject('signature_malformed'),
  },
  {
    name: 'a secret of another form, where body-only signatures are not allowed',
    signedWith: [PLAIN_SECRET],
    expected: reject('missing_header'),
  },
];

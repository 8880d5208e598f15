/** Requests a receiver must accept. */
import { BODIES } from './bodies.ts';
import { ACCEPT, ACCEPT_BODY_ONLY, NEW_SECRET, PLAIN_SECRET, SECRET, SENT_AT, type Case } from './vector.ts';

const BODY_SIGNATURE_ONLY = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];

export const ACCEPTED: readonly Case[] = [
  { name: "the vendor page's sample, both schemes", expected: ACCEPT },
  { name: 'text beyond ASCII is signed as UTF-8', body: BODIES.utf8, expected: ACCEPT },
  { name: 'U+2028 and U+2029 stand in the body as they are', body: BODIES.lineSeparators, expected: ACCEPT },
  { name: 'empty metadata is an object', body: BODIES.emptyMetadata, expected: ACCEPT },
  { name: 'keys that look like integers', body: BODIES.integerLikeKeys, expected: ACCEPT },
  { name: 'a failed call', body: BODIES.failedCall, expected: ACCEPT },
  { name: 'a campaign event', body: BODIES.campaign, expected: ACCEPT },
  { name: 'the timestamped scheme alone', without: ['X-TopCalls-Signature'], expected: ACCEPT },
  { name: '300 seconds old, the oldest that is accepted', now: SENT_AT + 300, expected: ACCEPT },
  { name: '300 seconds ahead, the newest that is accepted', now: SENT_AT - 300, expected: ACCEPT },
  { name: 'an hour old, where the tolerance is two', now: SENT_AT + 3_600, toleranceSeconds: 7_200, expected: ACCEPT },
  { name: 'a rotation, the receiver has the new secret', signedWith: [NEW_SECRET, SECRET], expected: ACCEPT },
  {
    name: 'a rotation, the receiver has the old secret still: X-TopCalls-Signature is by the new one',
    signedWith: [NEW_SECRET, SECRET],
    secrets: [SECRET],
    expected: ACCEPT,
  },
  {
    name: 'a rotation, the receiver has both secrets',
    signedWith: [NEW_SECRET, SECRET],
    secrets: [SECRET, NEW_SECRET],
    expected: ACCEPT,
  },
  { name: 'the receiver has a secret more, and an empty one', secrets: ['', NEW_SECRET, SECRET], expected: ACCEPT },
  {
    name: 'signatures of other versions stand before ours',
    damage: (sent) => ({ ...sent, 'webhook-signature': `v1a,AAAA v2,BBBB ${sent['webhook-signature']}` }),
    expected: ACCEPT,
  },
  {
    name: 'a secret of another form, where body-only signatures are allowed',
    body: BODIES.utf8,
    signedWith: [PLAIN_SECRET],
    allowBodyOnlySignature: true,
    expected: ACCEPT_BODY_ONLY,
  },
  {
    name: 'X-TopCalls-Signature alone, by a secret of the standard form, where that is allowed',
    without: BODY_SIGNATURE_ONLY,
    allowBodyOnlySignature: true,
    expected: ACCEPT_BODY_ONLY,
  },
  {
    name: 'the timestamped scheme decides where both are there, though body-only signatures are allowed',
    allowBodyOnlySignature: true,
    expected: ACCEPT,
  },
];

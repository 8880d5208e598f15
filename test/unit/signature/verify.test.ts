import { describe, expect, it } from '@jest/globals';
import { bodyKey, standardKey } from '../../../signature/secret.ts';
import { verifyBodySignature, verifyStandardSignature } from '../../../signature/verify.ts';
import vector from '../../vectors/seed-call-completed.json';

const bodyKeys = [bodyKey(vector.secret)].filter((key) => key !== undefined);
const standardKeys = [standardKey(vector.secret)].filter((key) => key !== undefined);
const message = { id: vector['webhook-id'], timestamp: vector['webhook-timestamp'], body: vector.body };
const good = vector['webhook-signature'];
const wellFormedButWrong = `v1,${'A'.repeat(43)}=`;

describe('verifyBodySignature', () => {
  const signature = vector['x-topcalls-signature'];

  it('matches the golden vector, as text and as bytes', () => {
    expect(verifyBodySignature(signature, vector.body, bodyKeys)).toBe('match');
    expect(verifyBodySignature(signature, Buffer.from(vector.body), bodyKeys)).toBe('match');
  });

  it('matches under any of several keys', () => {
    expect(verifyBodySignature(signature, vector.body, [Buffer.from('another'), ...bodyKeys])).toBe('match');
  });

  it('does not match with one digit changed, another body, another key or no key', () => {
    expect(verifyBodySignature(`0${signature.slice(1)}`, vector.body, bodyKeys)).toBe('mismatch');
    expect(verifyBodySignature(signature, `${vector.body} `, bodyKeys)).toBe('mismatch');
    expect(verifyBodySignature(signature, vector.body, [Buffer.from('another')])).toBe('mismatch');
    expect(verifyBodySignature(signature, vector.body, [])).toBe('mismatch');
  });

  it.each([
    ['nothing', ''],
    ['upper-case digits', signature.toUpperCase()],
    ['a digit too few', signature.slice(1)],
    ['a digit too many', `${signature}0`],
    ['no hex', 'z'.repeat(64)],
    ['a line break at the end', `${signature}\n`],
    ['two values', `${signature}, ${signature}`],
    ['a prefix', `sha256=${signature}`],
    ['characters of two bytes', 'é'.repeat(64)],
  ])('calls %s malformed', (_name, header) => {
    expect(verifyBodySignature(header, vector.body, bodyKeys)).toBe('malformed');
  });
});

describe('verifyStandardSignature', () => {
  it('matches the golden vector, as text and as bytes', () => {
    expect(verifyStandardSignature(good, message, standardKeys)).toEqual({ outcome: 'match', position: 0 });
    const body = Buffer.from(vector.body);
    expect(verifyStandardSignature(good, { ...message, body }, standardKeys)).toEqual({
      outcome: 'match',
      position: 0,
    });
  });

  it('says which of several values matched, counting those of other forms', () => {
    const header = `v1a,xyz v1,broken ${wellFormedButWrong} ${good}`;
    expect(verifyStandardSignature(header, message, standardKeys)).toEqual({ outcome: 'match', position: 3 });
  });

  it.each([
    ['id', { ...message, id: 'msg_p5jXN8AQM9LWM0D4loKWxJeK' }],
    ['timestamp', { ...message, timestamp: '1614265331' }],
    ['body', { ...message, body: `${vector.body} ` }],
  ])('does not match another %s', (_part, damaged) => {
    expect(verifyStandardSignature(good, damaged, standardKeys)).toEqual({ outcome: 'mismatch' });
  });

  it('does not match another key, or no key', () => {
    expect(verifyStandardSignature(good, message, [Buffer.alloc(24)])).toEqual({ outcome: 'mismatch' });
    expect(verifyStandardSignature(good, message, [])).toEqual({ outcome: 'mismatch' });
  });

  it.each([
    ['nothing', ''],
    ['a bare version', 'v1,'],
    ['no version', good.slice(3)],
    ['another version', good.replace('v1,', 'v2,')],
    ['an asymmetric signature', good.replace('v1,', 'v1a,')],
    ['missing padding', good.replace('=', '')],
    ['base64url digits', good.replace('/', '_').replace('+', '-')],
    ['stray bits in the last digit', good.replace('YU=', 'YV=')],
    ['a line break at the end', `${good}\n`],
    ['hex', `v1,${vector['x-topcalls-signature']}`],
  ])('calls %s malformed', (_name, header) => {
    expect(verifyStandardSignature(header, message, standardKeys)).toEqual({ outcome: 'malformed' });
  });
});

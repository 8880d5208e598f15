import { describe, expect, it } from '@jest/globals';
import { bodyKey, generateSecret, standardKey } from '../../../signature/secret.ts';

/** `whsec_` and the base64 of `length` bytes of 0xfb, whose digits include + and /. */
const secretOf = (length: number): string => `whsec_${Buffer.alloc(length, 0xfb).toString('base64')}`;

describe('standardKey', () => {
  it('decodes the bytes after whsec_', () => {
    expect(standardKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')?.toString('hex')).toBe(
      '31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0',
    );
  });

  it.each([24, 25, 26, 32, 63, 64])('takes a secret of %i bytes', (length) => {
    expect(standardKey(secretOf(length))).toHaveLength(length);
  });

  it.each([0, 1, 23, 65, 128])('does not take a secret of %i bytes', (length) => {
    expect(standardKey(secretOf(length))).toBeUndefined();
  });

  it.each([
    ['the empty secret', ''],
    ['the bare prefix', 'whsec_'],
    ['another prefix', secretOf(24).replace('whsec_', 'whpk_')],
    ['an upper-case prefix', secretOf(24).replace('whsec_', 'WHSEC_')],
    ['base64 without the prefix', secretOf(24).slice(6)],
    ['a line break at the end', `${secretOf(24)}\n`],
    ['a blank in front', ` ${secretOf(24)}`],
    ['a blank inside', secretOf(24).replace('v7', 'v 7')],
    ['base64url digits', secretOf(24).replaceAll('+', '-')],
    ['missing padding', secretOf(32).replace('=', '')],
    ['padding too much', `${secretOf(24)}=`],
    ['text after the padding', `${secretOf(32)}AAAA`],
    ['stray bits in the last digit', `whsec_${'A'.repeat(42)}B=`],
    ['a digit too many', `${secretOf(24)}A`],
    ['letters of another script', `whsec_${'Ä'.repeat(32)}`],
  ])('does not take %s', (_name, secret) => {
    expect(standardKey(secret)).toBeUndefined();
  });
});

describe('generateSecret', () => {
  it('makes whsec_ and 32 random bytes that both schemes can use', () => {
    const secret = generateSecret();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(standardKey(secret)).toHaveLength(32);
    expect(bodyKey(secret)).toHaveLength(50);
  });

  it('makes another one each time', () => {
    expect(new Set(Array.from({ length: 100 }, () => generateSecret())).size).toBe(100);
  });
});

describe('bodyKey', () => {
  it('is the whole secret as UTF-8, prefix included', () => {
    expect(bodyKey('whsec_é')).toEqual(Buffer.from([0x77, 0x68, 0x73, 0x65, 0x63, 0x5f, 0xc3, 0xa9]));
  });

  it('does not exist for the empty secret', () => {
    expect(bodyKey('')).toBeUndefined();
  });
});

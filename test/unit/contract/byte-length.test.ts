import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { utf8Bytes } from '../../../contract/byte-length.ts';

it('utf8Bytes counts what an encoder would write', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (left, right) => {
      expect(utf8Bytes(left + right)).toBe(Buffer.byteLength(left + right));
    }),
  );
  expect(utf8Bytes('')).toBe(0);
  expect(utf8Bytes('\u0000 a line\n\u007f')).toBe(10);
  expect(utf8Bytes('a\u0080')).toBe(3);
  expect(utf8Bytes('\uD83D')).toBe(3);
  expect(utf8Bytes('👋')).toBe(4);
});

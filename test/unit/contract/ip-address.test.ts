/** Address text to bytes: every form that is read, and the forms that are refused because they are not. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeAddress } from '../../../contract/egress/address-table.ts';
import { DEFAULT_EGRESS_POLICY, parseEgressOptions } from '../../../contract/egress/policy.ts';
import { parseAddress } from '../../../contract/egress/ip-address.ts';

test.each([
  ['nothing', ''],
  ['a name', 'example.com'],
  ['three parts', '8.8.8'],
  ['five parts', '8.8.8.8.8'],
  ['a part over 255', '8.8.8.256'],
  ['a leading zero', '08.8.8.8'],
  ['hexadecimal', '0x8.8.8.8'],
  ['a decimal number', '134744072'],
  ['a trailing dot', '8.8.8.8.'],
  ['a space', ' 8.8.8.8'],
  ['full-width digits', '８.8.8.8'],
  ['brackets', '[2a00:1450::1]'],
  ['a zone id', '2a00:1450::1%eth0'],
  ['a range', '8.8.8.8/32'],
  ['a port', '8.8.8.8:53'],
  ['two elisions', '2a00::1::1'],
  ['nine groups', '2a00:1:2:3:4:5:6:7:8'],
  ['an elision of nothing', '2a00:1:2:3::4:5:6:7'],
  ['seven groups', '2a00:1:2:3:4:5:6'],
  ['five digits', '2a000::1'],
  ['an IPv4 in the middle', '2a00::8.8.8.8:1'],
  ['an IPv4 before the elision', '8.8.8.8::'],
  ['three colons', ':::'],
  ['a colon at the end', '2a00:1:2:3:4:5:6:7:'],
])('what does not parse is refused: %s', (_title, text) => {
  expect(parseAddress(text)).toBeUndefined();
  expect(judgeAddress(text, parseEgressOptions({ allowCidrs: ['8.0.0.0/8', '2a00::/16'] }))).toBe('refused');
});

test.each([
  ['127.0.0.1', [127, 0, 0, 1]],
  ['::', Array(16).fill(0)],
  ['::ffff:7f00:1', [...Array(10).fill(0), 255, 255, 127, 0, 0, 1]],
  ['::FFFF:127.0.0.1', [...Array(10).fill(0), 255, 255, 127, 0, 0, 1]],
  ['0:0:0:0:0:ffff:127.0.0.1', [...Array(10).fill(0), 255, 255, 127, 0, 0, 1]],
  ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
  ['1::', [0, 1, ...Array(14).fill(0)]],
  ['0001:0002::0008', [0, 1, 0, 2, ...Array(11).fill(0), 8]],
])('parseAddress("%s")', (text, bytes) => {
  expect(parseAddress(text)).toEqual(bytes);
});

test('every spelling of one IPv6 address gets one answer', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const bytes = parseAddress(text);
      expect(bytes).toHaveLength(16);
      const hex = (bytes ?? []).map((byte) => byte.toString(16).padStart(2, '0')).join('');
      const full = (hex.match(/.{4}/g) ?? []).join(':').toUpperCase();
      expect(parseAddress(full)).toEqual(bytes);
      expect(judgeAddress(full, DEFAULT_EGRESS_POLICY)).toBe(judgeAddress(text, DEFAULT_EGRESS_POLICY));
    }),
  );
});

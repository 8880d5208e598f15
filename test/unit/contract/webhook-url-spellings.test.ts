/**
 * Spellings of forbidden addresses that once fooled a check. The URL parser turns each into dotted form or brackets.
 */
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_EGRESS_POLICY } from '../../../contract/egress/policy.ts';
import { judgeWebhookUrl } from '../../../contract/egress/url-rules.ts';
import { LITERAL_URLS } from '../../support/forbidden-urls.ts';

// Only those with an odd host. Odd parts elsewhere (userinfo, backslashes) break an earlier rule.
const hosts = LITERAL_URLS.flatMap((url) => /^http:\/\/([^@\s]+):PORT\/hook$/.exec(url)?.[1] ?? []);

const judged = (host: string) => judgeWebhookUrl(`https://${host}/hook`, DEFAULT_EGRESS_POLICY);

const codeOf = (host: string): string => {
  const verdict = judged(host);
  return verdict.ok ? 'ok' : verdict.code;
};

test('there are over 90 of them', () => {
  expect(hosts.length).toBeGreaterThan(90);
});

test.each(hosts)('%s is a forbidden address, whatever its spelling', (host) => {
  expect(judged(host)).toMatchObject({ ok: false, code: 'address' });
});

describe('spellings that are made, and stand on no list', () => {
  const ADDRESSES = [
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.9.9',
    '169.254.169.254',
    '168.63.129.16',
    '172.31.255.1',
    '192.168.200.7',
    '198.19.0.1',
    '224.0.0.251',
    '255.255.255.255',
  ];
  const made = ADDRESSES.flatMap(spellingsOf);

  test('are more than 202, all different', () => {
    expect(new Set(made).size).toBeGreaterThan(202);
    expect(made.length - new Set(made).size).toBeLessThan(ADDRESSES.length * 3);
  });

  test('are all refused', () => {
    const codes = made.map((host) => [host, codeOf(host)] as const).filter(([, code]) => code !== 'address');
    expect(codes).toEqual([]);
  });

  test('of an open address are all open: no spelling is refused for its looks', () => {
    const open = spellingsOf('93.184.216.34').filter((host) => !host.startsWith('[') && !host.endsWith('.'));
    expect(open.filter((host) => !judged(host).ok)).toEqual([]);
    expect(open.length).toBeGreaterThan(20);
  });
});

/** One address in every way that the parser reads: radix, parts, padding, other digits and dots, escapes, IPv6. */
function spellingsOf(address: string): readonly string[] {
  const bytes = address.split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (value: number, digits = 1): string => value.toString(16).padStart(digits, '0');
  const octal = (value: number): string => `0${value.toString(8)}`;
  const wide = (text: string, zero: number): string =>
    text.replaceAll(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
  const escaped = (text: string): string =>
    Array.from(text)
      .map((each) => `%${hex(each.charCodeAt(0), 2)}`)
      .join('');
  const words = [hex(a * 256 + b), hex(c * 256 + d)].join(':');
  return [
    address,
    `${address}.`,
    bytes.map((byte) => `0x${hex(byte)}`).join('.'),
    bytes.map((byte) => `0X${hex(byte, 4).toUpperCase()}`).join('.'),
    bytes.map(octal).join('.'),
    bytes.map((byte) => `000${octal(byte)}`).join('.'),
    `${a}.0x${hex(b)}.${octal(c)}.${d}`,
    `0x${hex(a)}.${b}.${c}.${octal(d)}`,
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    `${octal(a)}.0x${hex((b * 256 + c) * 256 + d)}`,
    String(whole),
    `${whole}.`,
    `0x${hex(whole, 8)}`,
    `0x0000${hex(whole, 8)}`,
    octal(whole),
    wide(address, 0xff10),
    wide(address, 0x1d7d8),
    address.replaceAll('.', '。'),
    address.replaceAll('.', '．'),
    address.replaceAll('.', '｡'),
    address.replaceAll('.', '%2e'),
    escaped(address),
    escaped(`0x${hex(whole, 8)}`),
    `${a}.${b}.${c}.%C2%AD${d}`,
    `[::ffff:${address}]`,
    `[::ffff:${words}]`,
    `[0:0:0:0:0:FFFF:${words}]`,
    `[::${address}]`,
    `[64:ff9b::${address}]`,
    `[2002:${words}::1]`,
  ];
}

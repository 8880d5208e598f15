/** The address table: every edge and its neighbours, every spelling, and what allowances can and cannot open. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BLOCKED_IPV4, BLOCKED_IPV6, judgeAddress } from '../../../contract/egress/address-table.ts';
import { DEFAULT_EGRESS_POLICY, parseEgressOptions } from '../../../contract/egress/policy.ts';
import type { EgressOptions } from '../../../contract/egress/policy.ts';

const judge = (text: string, options: EgressOptions = {}) => judgeAddress(text, parseEgressOptions(options));

describe('IPv4: first and last address of each range, and the open neighbours', () => {
  // below | first | last | above; '' where the neighbour belongs to another closed range or does not exist.
  const edges = [
    ['', '0.0.0.0', '0.255.255.255', '1.0.0.0'],
    ['9.255.255.255', '10.0.0.0', '10.255.255.255', '11.0.0.0'],
    ['100.63.255.255', '100.64.0.0', '100.127.255.255', '100.128.0.0'],
    ['126.255.255.255', '127.0.0.0', '127.255.255.255', '128.0.0.0'],
    ['168.63.129.15', '168.63.129.16', '168.63.129.16', '168.63.129.17'],
    ['169.253.255.255', '169.254.0.0', '169.254.255.255', '169.255.0.0'],
    ['172.15.255.255', '172.16.0.0', '172.31.255.255', '172.32.0.0'],
    ['191.255.255.255', '192.0.0.0', '192.0.0.255', '192.0.1.0'],
    ['192.0.1.255', '192.0.2.0', '192.0.2.255', '192.0.3.0'],
    ['192.31.195.255', '192.31.196.0', '192.31.196.255', '192.31.197.0'],
    ['192.52.192.255', '192.52.193.0', '192.52.193.255', '192.52.194.0'],
    ['192.88.98.255', '192.88.99.0', '192.88.99.255', '192.88.100.0'],
    ['192.167.255.255', '192.168.0.0', '192.168.255.255', '192.169.0.0'],
    ['192.175.47.255', '192.175.48.0', '192.175.48.255', '192.175.49.0'],
    ['198.17.255.255', '198.18.0.0', '198.19.255.255', '198.20.0.0'],
    ['198.51.99.255', '198.51.100.0', '198.51.100.255', '198.51.101.0'],
    ['203.0.112.255', '203.0.113.0', '203.0.113.255', '203.0.114.0'],
    ['223.255.255.255', '224.0.0.0', '239.255.255.255', ''],
    ['', '240.0.0.0', '255.255.255.255', ''],
  ] as const;

  test('are listed here for every row of the table', () => {
    expect(edges.map(([, first]) => first)).toEqual(BLOCKED_IPV4.map(({ range }) => range.split('/')[0]));
  });

  test.each(edges)('%s | %s – %s | %s', (below, first, last, above) => {
    for (const closed of [first, last]) {
      expect([closed, judge(closed)]).toEqual([closed, 'refused']);
      expect([closed, judge(`::ffff:${closed}`)]).toEqual([closed, 'refused']);
    }
    for (const open of [below, above].filter((text) => text !== '')) {
      expect([open, judge(open)]).toEqual([open, 'allowed']);
      expect([open, judge(`::ffff:${open}`)]).toEqual([open, 'allowed']);
    }
  });
});

describe('IPv6: only 2000::/3 is open, with holes', () => {
  const max = (head: string, groups: number): string => head + ':ffff'.repeat(groups);
  const edges: Array<[string, 'allowed' | 'refused']> = [
    [max('1fff', 7), 'refused'],
    ['2000::', 'allowed'],
    [max('2000', 7), 'allowed'],
    ['2001::', 'refused'],
    [max('2001:1ff', 6), 'refused'],
    ['2001:200::', 'allowed'],
    [max('2001:db7', 6), 'allowed'],
    ['2001:db8::', 'refused'],
    [max('2001:db8', 6), 'refused'],
    ['2001:db9::', 'allowed'],
    [max('2001:ffff', 6), 'allowed'],
    ['2002::', 'refused'],
    [max('2002', 7), 'refused'],
    ['2003::', 'allowed'],
    [max('2620:4f:7fff', 5), 'allowed'],
    ['2620:4f:8000::', 'refused'],
    [max('2620:4f:8000', 5), 'refused'],
    ['2620:4f:8001::', 'allowed'],
    [max('3ffe', 7), 'allowed'],
    ['3fff::', 'refused'],
    [max('3fff:fff', 6), 'refused'],
    ['3fff:1000::', 'allowed'],
    [max('3fff', 7), 'allowed'],
    ['4000::', 'refused'],
    ['::', 'refused'],
    ['::1', 'refused'],
    ['::8.8.8.8', 'refused'],
    ['::ffff:0:8.8.8.8', 'refused'],
    ['64:ff9b::8.8.8.8', 'refused'],
    ['64:ff9b:1::1', 'refused'],
    ['100::1', 'refused'],
    ['5f00::1', 'refused'],
    ['fc00::', 'refused'],
    ['fd12:3456::1', 'refused'],
    ['fe80::1', 'refused'],
    ['fec0::1', 'refused'],
    ['ff02::1', 'refused'],
    [max('ffff', 7), 'refused'],
    ['2a00:1450:4001:82b::200e', 'allowed'],
  ];

  test('the first address of every hole is listed here', () => {
    const listed = new Set(edges.map(([text]) => text));
    expect(BLOCKED_IPV6.map(({ range }) => range.split('/')[0]).filter((first) => !listed.has(first ?? ''))).toEqual(
      [],
    );
  });

  test.each(edges)('%s is %s', (text, expected) => {
    expect(judge(text)).toBe(expected);
  });
});

test('an IPv4-mapped address is judged like the IPv4', () => {
  fc.assert(fc.property(fc.ipV4(), (text) => judge(`::ffff:${text}`) === judge(text)));
});

test('any text whatever gets an answer', () => {
  fc.assert(
    fc.property(fc.string(), (text) => ['allowed', 'refused'].includes(judgeAddress(text, DEFAULT_EGRESS_POLICY))),
  );
});

describe('allowances', () => {
  test('allowCidrs opens its range and no more', () => {
    const options = { allowCidrs: ['10.20.0.0/16'] };
    expect(['10.19.255.255', '10.20.0.0', '10.20.255.255', '10.21.0.0'].map((text) => judge(text, options))).toEqual([
      'refused',
      'allowed',
      'allowed',
      'refused',
    ]);
    expect(judge('::ffff:10.20.0.1', options)).toBe('allowed');
  });

  test('a range written in IPv4-mapped form is the IPv4 range', () => {
    expect(judge('10.20.0.1', { allowCidrs: ['::ffff:10.20.0.0/112'] })).toBe('allowed');
  });

  test('an IPv6 range does not open IPv4, nor the other way round', () => {
    expect(judge('::1', { allowCidrs: ['127.0.0.0/8'] })).toBe('refused');
    expect(judge('127.0.0.1', { allowCidrs: ['::1/128'] })).toBe('refused');
  });

  test('denyCidrs closes public addresses, also in their mapped form, and wins over allowCidrs', () => {
    const options = { denyCidrs: ['8.8.8.0/24', '10.20.5.0/24'], allowCidrs: ['10.20.0.0/16'] };
    expect(['8.8.8.8', '::ffff:8.8.8.8', '10.20.5.1'].map((text) => judge(text, options))).toEqual(
      Array(3).fill('refused'),
    );
    expect(['8.8.9.8', '10.20.6.1'].map((text) => judge(text, options))).toEqual(Array(2).fill('allowed'));
  });

  test.each([
    ['169.254.169.254', '169.254.0.0/16'],
    ['169.254.170.2', '169.254.170.2/32'],
    ['169.254.170.23', '169.254.0.0/16'],
    ['168.63.129.16', '168.0.0.0/8'],
    ['100.100.100.200', '100.64.0.0/10'],
    ['192.0.0.192', '192.0.0.0/24'],
    ['fd00:ec2::254', 'fd00::/16'],
    ['fd00:ec2:0:0:0:0:0:254', 'fd00:ec2::/32'],
    ['fd20:ce::254', 'fd20::/16'],
    ['::ffff:169.254.169.254', '169.254.0.0/16'],
    ['::169.254.169.254', '::/16'],
    ['64:ff9b::a9fe:a9fe', '64:ff9b::/96'],
    ['64:ff9b:1:a9fe:a9:fe00::', '64:ff9b:1::/48'],
    ['2002:a9fe:a9fe::1', '2002::/16'],
  ])('the metadata address %s stays refused under an allowance of %s', (text, range) => {
    expect(judge(text, { allowCidrs: [range] })).toBe('refused');
  });
});

describe('NAT64 prefixes an operator lists are judged by the IPv4 inside', () => {
  // 192.0.2.33 with each prefix length: the table of RFC 6052 §2.4, with 8.8.4.33 and 10.8.4.33 in its place.
  test.each([
    ['2a00:db8::/32', '2a00:db8:808:421::', '2a00:db8:a08:421::'],
    ['2a00:db8:100::/40', '2a00:db8:108:804:21::', '2a00:db8:10a:804:21::'],
    ['2a00:db8:122::/48', '2a00:db8:122:808:4:2100::', '2a00:db8:122:a08:4:2100::'],
    ['2a00:db8:122:300::/56', '2a00:db8:122:308:8:421::', '2a00:db8:122:30a:8:421::'],
    ['2a00:db8:122:344::/64', '2a00:db8:122:344:8:804:2100::', '2a00:db8:122:344:a:804:2100::'],
    ['64:ff9b::/96', '64:ff9b::8.8.4.33', '64:ff9b::10.8.4.33'],
  ])('%s', (prefix, open, closed) => {
    const options = { nat64Prefixes: [prefix] };
    expect(judge(open, options)).toBe('allowed');
    expect(judge(closed, options)).toBe('refused');
    expect(judge(closed, { ...options, allowCidrs: ['10.0.0.0/8'] })).toBe('allowed');
    expect(judge(open, { ...options, denyCidrs: ['8.8.0.0/16'] })).toBe('refused');
  });
});

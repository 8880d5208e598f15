/** Egress options: what is taken, what is refused and how, and when loopback counts as open. */
import { expect, test } from '@jest/globals';
import {
  allowsLoopback,
  DEFAULT_EGRESS_POLICY,
  EgressConfigError,
  LOOPBACK_EGRESS,
  parseEgressOptions,
} from '../../../contract/egress/policy.ts';
import type { EgressOptions } from '../../../contract/egress/policy.ts';

test('everything is closed by default', () => {
  expect(DEFAULT_EGRESS_POLICY).toEqual({
    allowHttp: false,
    allowCidrs: [],
    denyCidrs: [],
    allowHosts: [],
    allowedPorts: undefined,
    nat64Prefixes: [],
  });
  expect(parseEgressOptions({})).toEqual(DEFAULT_EGRESS_POLICY);
});

test.each<[string, unknown]>([
  ['egress_unknown_option', { denyCidr: ['8.8.8.0/24'] }],
  ['egress_wrong_type', []],
  ['egress_wrong_type', 'https'],
  ['egress_wrong_type', { allowHttp: 'yes' }],
  ['egress_wrong_type', { allowCidrs: '10.0.0.0/8' }],
  ['egress_wrong_type', { allowedPorts: 443 }],
  ['egress_bad_range', { allowCidrs: ['10.0.0.5'] }],
  ['egress_bad_range', { allowCidrs: ['10.1.2.3/8'] }],
  ['egress_bad_range', { allowCidrs: ['10.0.0.0/33'] }],
  ['egress_bad_range', { allowCidrs: ['10.0.0.0/08'] }],
  ['egress_bad_range', { allowCidrs: ['10.0.0.0/8/8'] }],
  ['egress_bad_range', { allowCidrs: ['fd00::/129'] }],
  ['egress_bad_range', { denyCidrs: ['example.com/8'] }],
  ['egress_bad_range', { denyCidrs: [8] }],
  ['egress_range_too_wide', { allowCidrs: ['0.0.0.0/0'] }],
  ['egress_range_too_wide', { allowCidrs: ['10.0.0.0/7'] }],
  ['egress_range_too_wide', { allowCidrs: ['fc00::/15'] }],
  ['egress_range_too_wide', { allowCidrs: ['::/0'] }],
  ['egress_range_too_wide', { allowCidrs: ['::ffff:0:0/96'] }],
  ['egress_bad_nat64_prefix', { nat64Prefixes: ['64:ff9b::/95'] }],
  ['egress_bad_nat64_prefix', { nat64Prefixes: ['10.0.0.0/32'] }],
  ['egress_bad_host', { allowHosts: ['*.internal'] }],
  ['egress_bad_host', { allowHosts: ['localhost:3000'] }],
  ['egress_bad_host', { allowHosts: ['http://localhost'] }],
  ['egress_bad_host', { allowHosts: ['localhost.'] }],
  ['egress_bad_host', { allowHosts: [''] }],
  ['egress_bad_port', { allowedPorts: [0] }],
  ['egress_bad_port', { allowedPorts: [65_536] }],
  ['egress_bad_port', { allowedPorts: [443.5] }],
  ['egress_bad_port', { allowedPorts: ['443'] }],
])('%s: %j', (code, options) => {
  expect(() => parseEgressOptions(options as EgressOptions)).toThrow(EgressConfigError);
  expect(() => parseEgressOptions(options as EgressOptions)).toThrow(expect.objectContaining({ code }));
});

test('the error says what came, what is allowed and what to do', () => {
  expect(() => parseEgressOptions({ allowCidrs: ['10.0.0.0/7'] })).toThrow(
    'egress.allowCidrs: received "10.0.0.0/7"; allowed: /8 or longer (IPv4), /16 or longer (IPv6); name the networks you need',
  );
});

test('the widest allowances that are taken: /8 and /16; a denial may be of any width', () => {
  expect(() =>
    parseEgressOptions({ allowCidrs: ['10.0.0.0/8', 'fd00::/16'], denyCidrs: ['0.0.0.0/0', '::/0'] }),
  ).not.toThrow();
});

test('host names are compared in lower case', () => {
  expect(parseEgressOptions({ allowHosts: ['CRM.Internal'] }).allowHosts).toEqual(['crm.internal']);
});

test.each([
  [['127.0.0.0/8'], true],
  [['127.8.9.10/32'], true],
  [['::1/128'], true],
  [['::/16'], true],
  [['0.0.0.0/32'], true],
  [['::ffff:127.0.0.1/128'], true],
  [['10.0.0.0/8', 'fd00::/16'], false],
  [['126.0.0.0/8', '128.0.0.0/8'], false],
  [[], false],
])('an allowance of %j opens loopback: %p', (allowCidrs, expected) => {
  expect(allowsLoopback(parseEgressOptions({ allowCidrs }))).toBe(expected);
});

test('the development options open loopback, the default does not', () => {
  expect(allowsLoopback(parseEgressOptions(LOOPBACK_EGRESS))).toBe(true);
  expect(allowsLoopback(DEFAULT_EGRESS_POLICY)).toBe(false);
});

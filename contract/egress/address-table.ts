/**
 * The address table of the egress guard: where a webhook must never go, as data, and below it the one function that
 * applies it. The URL rules and the connector call it, so a literal, a DNS answer and a connected peer meet the same
 * judge. The rows come from the IANA special-purpose address registries (RFC 6890) and from the large clouds. To
 * review the guard, read this file, then ip-address.ts (text to bytes), then url-rules.ts (what is judged before an
 * address is).
 */
import { embeddedIpv4, isInRange, parseAddress, parseRange, unwrapMapped } from './ip-address.ts';
import type { AddressBytes, AddressRange } from './ip-address.ts';

/** One row of the table, why it is closed, and the source. docs/egress.md shows the same rows. */
export type BlockedRange = { readonly range: string; readonly why: string; readonly source: string };

/** Refused IPv4. All other IPv4 addresses are open. */
export const BLOCKED_IPV4: readonly BlockedRange[] = [
  { range: '0.0.0.0/8', why: '"this network"; Linux connects 0.0.0.0 to loopback', source: 'RFC 1122 §3.2.1.3' },
  { range: '10.0.0.0/8', why: 'private', source: 'RFC 1918' },
  { range: '100.64.0.0/10', why: 'carrier-grade NAT; used inside clusters and VPNs', source: 'RFC 6598' },
  { range: '127.0.0.0/8', why: 'loopback: the worker itself and what runs beside it', source: 'RFC 1122 §3.2.1.3' },
  {
    range: '168.63.129.16/32',
    why: "Azure's platform address, public by its number only",
    source: 'Azure documentation',
  },
  { range: '169.254.0.0/16', why: 'link-local; metadata services', source: 'RFC 3927' },
  { range: '172.16.0.0/12', why: 'private', source: 'RFC 1918' },
  { range: '192.0.0.0/24', why: 'protocol assignments (DS-Lite, NAT64 discovery)', source: 'RFC 6890' },
  { range: '192.0.2.0/24', why: 'documentation', source: 'RFC 5737' },
  { range: '192.31.196.0/24', why: 'AS112: answered by whoever is nearest', source: 'RFC 7535' },
  { range: '192.52.193.0/24', why: 'AMT relays: answered by whoever is nearest', source: 'RFC 7450' },
  { range: '192.88.99.0/24', why: '6to4 relays, deprecated', source: 'RFC 7526' },
  { range: '192.168.0.0/16', why: 'private', source: 'RFC 1918' },
  { range: '192.175.48.0/24', why: 'AS112: answered by whoever is nearest', source: 'RFC 7534' },
  { range: '198.18.0.0/15', why: 'benchmarks of network devices; used inside networks', source: 'RFC 2544' },
  { range: '198.51.100.0/24', why: 'documentation', source: 'RFC 5737' },
  { range: '203.0.113.0/24', why: 'documentation', source: 'RFC 5737' },
  { range: '224.0.0.0/4', why: 'multicast', source: 'RFC 5771' },
  { range: '240.0.0.0/4', why: 'reserved, and broadcast', source: 'RFC 1112 §4' },
];

/** The only open IPv6: global unicast (RFC 4291 §2.4). Loopback, unspecified, IPv4-mapped, NAT64 (64:ff9b::/96), unique
 *  local (fc00::/7), link-local (fe80::/10), multicast (ff00::/8) and what is not assigned yet all lie outside. */
export const OPEN_IPV6 = '2000::/3';

/** Refused inside the open IPv6 block. */
export const BLOCKED_IPV6: readonly BlockedRange[] = [
  { range: '2001::/23', why: 'protocol assignments; Teredo carries any IPv4 inside', source: 'RFC 2928' },
  { range: '2001:db8::/32', why: 'documentation', source: 'RFC 3849' },
  { range: '2002::/16', why: '6to4: carries any IPv4 inside', source: 'RFC 3056' },
  { range: '2620:4f:8000::/48', why: 'AS112: answered by whoever is nearest', source: 'RFC 7534' },
  { range: '3fff::/20', why: 'documentation', source: 'RFC 9637' },
];

/** Metadata services hand out credentials, so no range allowance reaches them, not even a private or loopback one.
 *  Sources: each vendor's documentation of its instance metadata. */
export const METADATA_ADDRESSES: ReadonlyArray<{ readonly address: string; readonly of: string }> = [
  { address: '169.254.169.254', of: 'AWS, Google Cloud, Azure, Oracle, DigitalOcean and others' },
  { address: '169.254.170.2', of: 'AWS ECS task credentials' },
  { address: '169.254.170.23', of: 'AWS EKS pod identity' },
  { address: '169.254.42.42', of: 'Scaleway' },
  { address: '169.254.0.23', of: 'Tencent Cloud' },
  { address: '168.63.129.16', of: 'Azure' },
  { address: '100.100.100.200', of: 'Alibaba Cloud' },
  { address: '192.0.0.192', of: 'Oracle Cloud, classic' },
  { address: 'fd00:ec2::254', of: 'AWS' },
  { address: 'fd00:ec2::23', of: 'AWS EKS pod identity' },
  { address: 'fd20:ce::254', of: 'Google Cloud' },
  { address: 'fd00:42::42', of: 'Scaleway' },
  { address: 'fd00:c1::a9fe:a9fe', of: 'Oracle Cloud' },
];

/** The part of an egress policy that concerns addresses; see `EgressOptions` for what each range list does. */
export type AddressRules = {
  readonly allowCidrs: readonly AddressRange[];
  readonly denyCidrs: readonly AddressRange[];
  readonly nat64Prefixes: readonly AddressRange[];
};

/** Whether a connection to `text` (an IP address without brackets) may be opened. Never throws: what does not parse is
 *  refused. Order: metadata, then `denyCidrs`, then `allowCidrs`, then the table; IPv4-mapped and NAT64 addresses are
 *  judged by the IPv4 inside.
 *  judgeAddress('93.184.216.34', policy) → 'allowed'; judgeAddress('::ffff:10.0.0.1', policy) → 'refused'. */
export function judgeAddress(text: string, rules: AddressRules): 'allowed' | 'refused' {
  const written = parseAddress(text);
  // Fail closed: a spelling that this code does not know may still be an address to the code below it.
  if (written === undefined) return 'refused';
  const target = targetOf(written, rules.nat64Prefixes);
  if (isMetadata(written) || isMetadata(target)) return 'refused';
  if (rules.denyCidrs.some((range) => isInRange(written, range) || isInRange(target, range))) return 'refused';
  if (rules.allowCidrs.some((range) => isInRange(target, range))) return 'allowed';
  return isOpen(target) ? 'allowed' : 'refused';
}

/** Whether an allowance of the operator (`allowCidrs`) covers `text`. It is asked about addresses that need one
 *  although the table lets them through: those of the worker's own machine. False for what does not parse. */
export function isAllowedByOperator(text: string, rules: AddressRules): boolean {
  const written = parseAddress(text);
  if (written === undefined) return false;
  const target = targetOf(written, rules.nat64Prefixes);
  return rules.allowCidrs.some((range) => isInRange(target, range));
}

/** The address, and the IPv4 behind it where a NAT64 of the operator's carries packets on to one. */
export function addressesReached(text: string, rules: AddressRules): readonly string[] {
  const written = parseAddress(text);
  const target = written === undefined ? [] : targetOf(written, rules.nat64Prefixes);
  return target.length === 4 ? [text, target.join('.')] : [text];
}

const blockedRanges = [...BLOCKED_IPV4, ...BLOCKED_IPV6].map(({ range }) => rangeOf(range));
const openIpv6 = rangeOf(OPEN_IPV6);
const metadataAddresses = METADATA_ADDRESSES.map(({ address }) => {
  return rangeOf(`${address}/${address.includes(':') ? 128 : 32}`);
});

function isOpen(address: AddressBytes): boolean {
  if (blockedRanges.some((range) => isInRange(address, range))) return false;
  return address.length === 4 || isInRange(address, openIpv6);
}

/** Where the packets end up: the IPv4 inside a mapped or NAT64 address, else the address. */
function targetOf(written: AddressBytes, nat64Prefixes: readonly AddressRange[]): AddressBytes {
  const unwrapped = unwrapMapped(written);
  const nat64 = nat64Prefixes.find((range) => isInRange(unwrapped, range));
  return nat64 === undefined ? unwrapped : embeddedIpv4(unwrapped, nat64.prefix);
}

/** Metadata, plain or carried inside any IPv6 form: an allowance of 64:ff9b::/96 or 2002::/16 must not open a way
 *  around. */
function isMetadata(address: AddressBytes): boolean {
  const forms = address.length === 4 ? [address] : [address, ...windows(address), ...windows(address.toSpliced(8, 1))];
  return forms.some((form) => metadataAddresses.some((metadata) => isInRange(form, metadata)));
}

/** Every four bytes in a row. */
function windows(address: AddressBytes): AddressBytes[] {
  return address.slice(3).map((_, start) => address.slice(start, start + 4));
}

/** A table entry that does not parse must stop the process at load, never open a hole. */
function rangeOf(text: string): AddressRange {
  const range = parseRange(text);
  if (range === undefined) throw new Error(`address table entry "${text}" is not a range`);
  return range;
}

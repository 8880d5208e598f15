/**
 * The address table of the egress guard: where a webhook must never go, as data, and the one function that applies it.
 * Sources: the IANA special-purpose address registries (RFC 6890), and the metadata services of the large clouds.
 * The URL rules and the connector call it, so a literal, a DNS answer and a connected peer meet the same judge.
 */
import { embeddedIpv4, isInRange, parseAddress, parseRange, unwrapMapped } from './ip-address.ts';
import type { AddressBytes, AddressRange } from './ip-address.ts';

/** Refused IPv4; everything else is open. */
export const BLOCKED_IPV4: readonly string[] = [
  '0.0.0.0/8', // "this host": Linux connects 0.0.0.0 to loopback
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT; also in-cluster networks
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's platform address, public by its number only
  '169.254.0.0/16', // link-local; metadata services
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relay, deprecated
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
];

/** The only open IPv6: global unicast. Loopback, ULA, link-local, multicast and NAT64 all lie outside. */
export const OPEN_IPV6 = '2000::/3';

/** Refused inside the open IPv6 block. */
export const BLOCKED_IPV6: readonly string[] = [
  '2001::/23', // protocol assignments: Teredo, ORCHID, benchmarking
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: carries any IPv4 inside
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
];

/** Metadata services: they hand out credentials, so no range allowance reaches them, not even a private or loopback one. */
export const METADATA_ADDRESSES: readonly string[] = [
  '169.254.169.254', // AWS, Google Cloud, Azure, Oracle, DigitalOcean and others
  '169.254.170.2', // AWS ECS task credentials
  '169.254.170.23', // AWS EKS pod identity
  '169.254.42.42', // Scaleway
  '169.254.0.23', // Tencent Cloud
  '168.63.129.16', // Azure
  '100.100.100.200', // Alibaba Cloud
  '192.0.0.192', // Oracle Cloud, classic
  'fd00:ec2::254', // AWS
  'fd00:ec2::23', // AWS EKS pod identity
  'fd20:ce::254', // Google Cloud
  'fd00:42::42', // Scaleway
  'fd00:c1::a9fe:a9fe', // Oracle Cloud
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
  if (written === undefined) return 'refused';
  const target = targetOf(written, rules.nat64Prefixes);
  if (isMetadata(written) || isMetadata(target)) return 'refused';
  if (rules.denyCidrs.some((range) => isInRange(written, range) || isInRange(target, range))) return 'refused';
  if (rules.allowCidrs.some((range) => isInRange(target, range))) return 'allowed';
  return isOpen(target) ? 'allowed' : 'refused';
}

const blockedRanges = [...BLOCKED_IPV4, ...BLOCKED_IPV6].map(rangeOf);
const openIpv6 = rangeOf(OPEN_IPV6);
const metadataAddresses = METADATA_ADDRESSES.map((text) => rangeOf(text.includes(':') ? `${text}/128` : `${text}/32`));

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

/** Metadata, plain or carried inside any IPv6 form: an allowance of 64:ff9b::/96 or 2002::/16 must not open a way around. */
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

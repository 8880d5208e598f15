/**
 * IP addresses and ranges as bytes. The egress guard compares bytes and never text: one address has many spellings and
 * one byte form. Text that this file cannot read is undefined, and callers refuse that.
 */

/** 4 bytes (IPv4) or 16 bytes (IPv6), most significant first. */
export type AddressBytes = readonly number[];

/** All addresses whose first `prefix` bits equal those of `base`. */
export type AddressRange = { readonly base: AddressBytes; readonly prefix: number };

/** Longest IPv6 text: 6 full groups and an embedded IPv4. */
const MAX_ADDRESS_TEXT = 45;

/** Bytes of an address: canonical dotted IPv4 (no leading zeros), or any IPv6 text form without brackets. Undefined for
 *  everything else, zone ids (`fe80::1%eth0`) included: the same address means another host in each zone. */
export function parseAddress(text: string): AddressBytes | undefined {
  if (text.length > MAX_ADDRESS_TEXT) return undefined;
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** A range in CIDR form, e.g. `10.0.0.0/8` or `fd00::/8`. An IPv4-mapped range becomes the IPv4 range it stands for.
 *  Undefined where address or prefix do not parse, or where bits are set behind the prefix (`10.1.2.3/8`). */
export function parseRange(text: string): AddressRange | undefined {
  const [addressText = '', prefixText = '', ...rest] = text.split('/');
  const base = parseAddress(addressText);
  if (base === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(prefixText)) return undefined;
  const prefix = Number(prefixText);
  if (prefix > base.length * 8 || hasBitsBehind(base, prefix)) return undefined;
  const inner = unwrapMapped(base);
  return inner !== base && prefix >= 96 ? { base: inner, prefix: prefix - 96 } : { base, prefix };
}

/** The IPv4 inside an IPv4-mapped IPv6 address (`::ffff:0:0/96`), else the address itself. */
export function unwrapMapped(address: AddressBytes): AddressBytes {
  const mapped = address.length === 16 && address.slice(0, 10).every((byte) => byte === 0);
  return mapped && address[10] === 0xff && address[11] === 0xff ? address.slice(12) : address;
}

/** The IPv4 inside an address made with a NAT64 prefix of `prefix` bits (32, 40, 48, 56, 64 or 96). Source: RFC 6052
 *  §2.2. */
export function embeddedIpv4(address: AddressBytes, prefix: number): AddressBytes {
  // Byte 8 is reserved and splits the IPv4 in two; with a /96 it lies before it.
  return address.filter((_, index) => index >= prefix / 8 && index !== 8).slice(0, 4);
}

/** Whether `address` lies in `range`. Different families never match. */
export function isInRange(address: AddressBytes, range: AddressRange): boolean {
  if (address.length !== range.base.length) return false;
  return range.base.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, range.prefix - index * 8));
    const mask = (0xff << (8 - bits)) & 0xff;
    return (byte & mask) === ((address[index] ?? 0) & mask);
  });
}

/** Whether two ranges share an address. */
export function rangesOverlap(one: AddressRange, other: AddressRange): boolean {
  return one.prefix <= other.prefix ? isInRange(other.base, one) : isInRange(one.base, other);
}

function parseIpv4(text: string): AddressBytes | undefined {
  const parts = text.split('.');
  // A leading zero means octal to some parsers and nothing to others, so it is in no canonical form.
  const valid = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return valid ? parts.map(Number) : undefined;
}

function parseIpv6(text: string): AddressBytes | undefined {
  const halves = text.split('::');
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  if (head === undefined || halves.length > 2) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const tail = parseGroups(halves[1] ?? '', true);
  // `::` stands for at least one group.
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  return [...head, ...Array.from({ length: 16 - head.length - tail.length }, () => 0), ...tail];
}

function parseGroups(text: string, mayEndInIpv4: boolean): AddressBytes | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else {
      const inner = mayEndInIpv4 && index === groups.length - 1 ? parseIpv4(group) : undefined;
      if (inner === undefined) return undefined;
      bytes.push(...inner);
    }
  }
  return bytes;
}

function hasBitsBehind(base: AddressBytes, prefix: number): boolean {
  return base.some((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix - index * 8));
    return (byte & (0xff >> bits)) !== 0;
  });
}

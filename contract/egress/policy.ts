/**
 * What an operator may change about where webhooks go. Read once at the door (worker, `parseWebhookConfig`) into an
 * `EgressPolicy`; the URL rules and the address table take only the parsed form.
 */
import { parseRange, rangesOverlap } from './ip-address.ts';
import type { AddressRange } from './ip-address.ts';

/** Options of the egress guard. Everything is closed by default: https, public addresses, public names. */
export type EgressOptions = {
  /** Also take `http:` URLs. Default false. Bodies and signatures then travel in the clear. */
  readonly allowHttp?: boolean;
  /** Ranges in CIDR form that are open although the table blocks them, e.g. `['10.20.0.0/16']`. Default none. At least
   *  /8 (IPv4) or /16 (IPv6). Every customer's URL may then reach that network. Metadata services stay closed. */
  readonly allowCidrs?: readonly string[];
  /** Ranges in CIDR form that are closed although public; wins over `allowCidrs`. Default none. */
  readonly denyCidrs?: readonly string[];
  /** Host names exempt from the rules on single labels and special names, e.g. `['localhost', 'crm.internal']`. Exact
   *  names, no wildcards. Default none. Their addresses are judged all the same: combine with `allowCidrs`. */
  readonly allowHosts?: readonly string[];
  /** The only ports URLs may name, 1–65535, e.g. `[443, 8443]`. Default: every port the fetch standard does not block;
   *  a blocked one (25, 6000 …) stays closed even when listed. */
  readonly allowedPorts?: readonly number[];
  /** NAT64 prefixes of this network, e.g. `['64:ff9b::/96']`: addresses under them are judged by the IPv4 inside.
   *  /32, /40, /48, /56, /64 or /96 (RFC 6052). Default none: such addresses are refused where they lie outside
   *  2000::/3. */
  readonly nat64Prefixes?: readonly string[];
};

/** Parsed and checked `EgressOptions`; made by `parseEgressOptions` only. */
export type EgressPolicy = {
  readonly allowHttp: boolean;
  readonly allowCidrs: readonly AddressRange[];
  readonly denyCidrs: readonly AddressRange[];
  /** Lower case. */
  readonly allowHosts: readonly string[];
  /** Undefined: every port that is not blocked. */
  readonly allowedPorts: readonly number[] | undefined;
  readonly nat64Prefixes: readonly AddressRange[];
};

/** Why `EgressOptions` were refused. */
export type EgressConfigErrorCode =
  | 'egress_unknown_option'
  | 'egress_wrong_type'
  | 'egress_bad_range'
  | 'egress_range_too_wide'
  | 'egress_bad_nat64_prefix'
  | 'egress_bad_host'
  | 'egress_bad_port';

/** The egress options cannot be used; a configuration mistake, to be fixed before the process starts. */
export class EgressConfigError extends Error {
  override readonly name = 'EgressConfigError';
  readonly code: EgressConfigErrorCode;
  /** The option at fault, e.g. `allowCidrs`. */
  readonly option: string;

  constructor(code: EgressConfigErrorCode, option: string, facts: { received: unknown; allowed: string; fix: string }) {
    super(`egress.${option}: received ${show(facts.received)}; allowed: ${facts.allowed}; ${facts.fix}`);
    this.code = code;
    this.option = option;
  }
}

/** Checks and parses egress options. Throws `EgressConfigError` on the first mistake, an unknown option included: a
 *  mistyped `denyCidr` must not leave a network open.
 *  parseEgressOptions({ allowCidrs: ['10.0.0.0/8'] }); parseEgressOptions() → `DEFAULT_EGRESS_POLICY`'s values. */
export function parseEgressOptions(options: EgressOptions = {}): EgressPolicy {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw wrongType('*', options, 'an object');
  for (const name of Object.keys(options)) {
    if (!OPTION_NAMES.includes(name)) {
      const allowed = OPTION_NAMES.join(', ');
      throw new EgressConfigError('egress_unknown_option', name, { received: name, allowed, fix: 'correct the name' });
    }
  }
  const { allowHttp = false, allowedPorts } = options;
  if (typeof allowHttp !== 'boolean') throw wrongType('allowHttp', allowHttp, 'true or false');
  return {
    allowHttp,
    allowCidrs: listOf('allowCidrs', options.allowCidrs).map(toAllowRange),
    denyCidrs: listOf('denyCidrs', options.denyCidrs).map((entry) => toRange('denyCidrs', entry)),
    allowHosts: listOf('allowHosts', options.allowHosts).map(toHost),
    allowedPorts: allowedPorts === undefined ? undefined : listOf('allowedPorts', allowedPorts).map(toPort),
    nat64Prefixes: listOf('nat64Prefixes', options.nat64Prefixes).map(toNat64Prefix),
  };
}

/** The options with their defaults filled in, for the log line at a worker's start. Throws as `parseEgressOptions`
 *  does. */
export function effectiveEgress(options: EgressOptions = {}): EgressOptions {
  parseEgressOptions(options);
  return { allowHttp: false, allowCidrs: [], denyCidrs: [], allowHosts: [], nat64Prefixes: [], ...options };
}

/** Whether an allowance of this policy reaches the machine itself. That is for development only: each start warns of
 *  it, and production refuses it. `0.0.0.0/8` and `::` count, since they connect to loopback too. */
export function allowsLoopback(policy: EgressPolicy): boolean {
  return policy.allowCidrs.some((allowed) => LOOPBACK_RANGES.some((loopback) => rangesOverlap(allowed, loopback)));
}

/** Options for development on one machine: http, `localhost` and loopback addresses. Never for production. */
export const LOOPBACK_EGRESS: EgressOptions = {
  allowHttp: true,
  allowHosts: ['localhost'],
  allowCidrs: ['127.0.0.0/8', '::1/128'],
};

const OPTION_NAMES = ['allowHttp', 'allowCidrs', 'denyCidrs', 'allowHosts', 'allowedPorts', 'nat64Prefixes'];
const LOOPBACK_RANGES = ['127.0.0.0/8', '0.0.0.0/8', '::/127'].map((text) => toRange('*', text));
const MIN_ALLOW_PREFIX = { ipv4: 8, ipv6: 16 };
/** Source: RFC 6052 §2.2. */
const NAT64_PREFIX_LENGTHS: ReadonlySet<number> = new Set([32, 40, 48, 56, 64, 96]);
const RANGE_FORM = 'a range such as 10.20.0.0/16 or 2a00:1450::/32, no bits set behind the prefix';
const RANGE_FIX = 'write network address and prefix length; one address is /32 (IPv4) or /128 (IPv6)';

/** The policy of a worker that was given no egress options. */
export const DEFAULT_EGRESS_POLICY: EgressPolicy = parseEgressOptions();

function toAllowRange(entry: unknown): AddressRange {
  const range = toRange('allowCidrs', entry);
  const least = range.base.length === 4 ? MIN_ALLOW_PREFIX.ipv4 : MIN_ALLOW_PREFIX.ipv6;
  if (range.prefix >= least) return range;
  const facts = {
    received: entry,
    allowed: '/8 or longer (IPv4), /16 or longer (IPv6)',
    fix: 'name the networks you need',
  };
  throw new EgressConfigError('egress_range_too_wide', 'allowCidrs', facts);
}

function toRange(option: string, entry: unknown): AddressRange {
  const range = typeof entry === 'string' ? parseRange(entry) : undefined;
  if (range !== undefined) return range;
  throw new EgressConfigError('egress_bad_range', option, { received: entry, allowed: RANGE_FORM, fix: RANGE_FIX });
}

function toNat64Prefix(entry: unknown): AddressRange {
  const range = toRange('nat64Prefixes', entry);
  if (range.base.length === 16 && NAT64_PREFIX_LENGTHS.has(range.prefix)) return range;
  const facts = { received: entry, allowed: 'an IPv6 prefix of /32, /40, /48, /56, /64 or /96', fix: 'see RFC 6052' };
  throw new EgressConfigError('egress_bad_nat64_prefix', 'nat64Prefixes', facts);
}

function toHost(entry: unknown): string {
  // Checked here, because an allowance with a typo, a port or a scheme in it would silently match nothing.
  if (typeof entry === 'string' && /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(entry)) return entry.toLowerCase();
  const facts = {
    received: entry,
    allowed: 'a host name such as localhost',
    fix: 'leave out scheme, port and wildcards',
  };
  throw new EgressConfigError('egress_bad_host', 'allowHosts', facts);
}

function toPort(entry: unknown): number {
  if (typeof entry === 'number' && Number.isInteger(entry) && entry >= 1 && entry <= 65_535) return entry;
  const facts = { received: entry, allowed: 'whole numbers 1–65535', fix: 'list ports as numbers' };
  throw new EgressConfigError('egress_bad_port', 'allowedPorts', facts);
}

function listOf(option: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw wrongType(option, value, 'a list');
}

function wrongType(option: string, received: unknown, allowed: string): EgressConfigError {
  return new EgressConfigError('egress_wrong_type', option, { received, allowed, fix: 'correct the value' });
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

/**
 * Which addresses an attempt may dial: literals and names become addresses here, and each is judged. The guarded
 * connector dials nothing else.
 */
import { isIP } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { addressesReached, isAllowedByOperator, judgeAddress } from '../../contract/egress/address-table.ts';
import type { EgressPolicy } from '../../contract/egress/policy.ts';
import { withoutBrackets } from '../../contract/egress/url-rules.ts';
import { MAX_DIALLED_ADDRESSES } from './attempt-bounds.ts';
import { GuardedConnectError } from './connect-error.ts';
import type { ConnectFailureCode } from './connect-error.ts';
import { ownAddresses } from './own-addresses.ts';
import type { IsOwn } from './own-addresses.ts';
import { nodeCodeOf } from './resolve.ts';
import type { Resolve } from './resolve.ts';

/** What addresses are judged by. */
export type AddressGuard = {
  readonly policy: EgressPolicy;
  readonly resolve: Resolve;
  /** The addresses of this machine, read anew for each connection if they matter. Default: those of the operating
   *  system. */
  readonly own?: () => IsOwn;
};

/** Addresses to connect to, all of them allowed. Throws if one of them is not. */
export async function allowedAddresses(
  host: string,
  guard: AddressGuard,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { policy } = guard;
  const hostname = withoutBrackets(host);
  if (isIP(hostname) !== 0) {
    const code = refusalOf(hostname, policy, readOwn(guard));
    if (code !== undefined) throw new GuardedConnectError(code === 'address_resolved' ? 'address' : code);
    return [hostname];
  }
  if (isLocalhost(hostname) && policy.allowHosts.includes(hostname)) {
    // No name server is asked (RFC 6761). The answer is ours, so a family that the operator did not allow is left out.
    const loopback = ['127.0.0.1', '::1'].filter((address) => judgeAddress(address, policy) === 'allowed');
    if (loopback.length === 0) throw new GuardedConnectError('address_resolved');
    return loopback;
  }
  const addresses = await resolveOrExplain(hostname, guard.resolve, signal);
  if (addresses.length === 0) throw new GuardedConnectError('dns_empty');
  await judgeAll(addresses, guard, signal);
  return addressesToDial(addresses, MAX_DIALLED_ADDRESSES);
}

/** One bad address refuses all: a name that mixes public and private addresses is an attack or a mistake. */
async function judgeAll(addresses: readonly string[], guard: AddressGuard, signal: AbortSignal): Promise<void> {
  const isOwn = readOwn(guard);
  for (const [index, address] of addresses.entries()) {
    const code = refusalOf(address, guard.policy, isOwn);
    if (code !== undefined) throw new GuardedConnectError(code);
    if (index % JUDGED_IN_ONE_TURN === JUDGED_IN_ONE_TURN - 1) await nextTurn();
    signal.throwIfAborted();
  }
}

/** Judging 64 addresses takes about 1 ms. An answer can bring 4,000. */
const JUDGED_IN_ONE_TURN = 64;

/** The first `most` different addresses, IPv4 and IPv6 in turn, so that a broken family does not use up all of them.
 *  Node dials them in this order.
 *  addressesToDial(['a4', 'b4', 'c4', 'a6'], 3) → ['a4', 'a6', 'b4'] */
export function addressesToDial(addresses: readonly string[], most: number): readonly string[] {
  const different = [...new Set(addresses)];
  const first = isIP(different[0] ?? '');
  const families = [
    different.filter((address) => isIP(address) === first),
    different.filter((address) => isIP(address) !== first),
  ];
  const ranks = Array.from({ length: most }, (_, rank) => families.flatMap((family) => family.slice(rank, rank + 1)));
  return ranks.flat().slice(0, most);
}

/** Why `address` must not be connected to; undefined where it may. An own address that the operator allows is open. */
export function refusalOf(
  address: string,
  policy: EgressPolicy,
  isOwn: IsOwn,
): 'address_resolved' | 'address_own' | undefined {
  if (judgeAddress(address, policy) === 'refused') return 'address_resolved';
  if (isAllowedByOperator(address, policy)) return undefined;
  return addressesReached(address, policy).some(isOwn) ? 'address_own' : undefined;
}

function readOwn(guard: AddressGuard): IsOwn {
  return guard.own?.() ?? ownAddresses();
}

async function resolveOrExplain(hostname: string, resolve: Resolve, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await resolve(hostname, signal);
  } catch (error) {
    throw new GuardedConnectError(DNS_CODES[nodeCodeOf(error)] ?? 'dns_failed', { cause: error });
  }
}

function isLocalhost(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost');
}

const DNS_CODES: Readonly<Record<string, ConnectFailureCode>> = {
  ENOTFOUND: 'dns_not_found',
  ENODATA: 'dns_empty',
  ETIMEOUT: 'timeout_dns',
  ECANCELLED: 'timeout_dns',
};

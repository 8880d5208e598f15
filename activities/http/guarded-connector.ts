/**
 * Opens the socket of one attempt, and only to an address that the egress policy allows. The check is here because
 * this is the last place: a name that was judged earlier can answer differently now (DNS rebinding). Literals are
 * judged first, since they never reach a `lookup`. Names are resolved by us and pinned. The connected peer is judged
 * before TLS begins.
 */
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { judgeAddress } from '../../contract/egress/address-table.ts';
import type { EgressPolicy } from '../../contract/egress/policy.ts';
import { CONNECT_DEADLINE_MS, HANDSHAKE_QUEUE_MS, MAX_HANDSHAKES, MAX_HANDSHAKES_PER_HOST } from './attempt-bounds.ts';
import { createHandshakeQueue } from './handshake-queue.ts';
import type { Leave } from './handshake-queue.ts';
import { withoutBrackets } from '../../contract/egress/url-rules.ts';
import { openPinnedSocket } from './pinned-socket.ts';
import { nodeCodeOf } from './resolve.ts';
import type { Resolve } from './resolve.ts';

/** Why no socket was opened, where this file decided it. Errors of the operating system and of TLS pass unchanged. */
export type ConnectFailureCode =
  | 'address' // the literal address is forbidden
  | 'address_resolved' // an address the name resolved to, or the connected peer, is forbidden
  | 'dns_empty'
  | 'dns_not_found'
  | 'dns_failed'
  | 'timeout_dns'
  | 'timeout_connect'
  | 'timeout_tls_queue' // this worker had too many handshakes in progress, with the host or in all
  | 'connection_reset' // the peer was gone before it could be judged
  | 'connection_closed'; // the connection ended before an answer, and undici wanted a second one

/** A connection that was refused or could not be opened. The message names the code only, no host and no address. */
export class GuardedConnectError extends Error {
  override readonly name = 'GuardedConnectError';
  readonly code: ConnectFailureCode;

  constructor(code: ConnectFailureCode, options?: ErrorOptions) {
    super(`connection not opened: ${code}`, options);
    this.code = code;
  }
}

/** What the connector of one attempt needs. */
export type ConnectorGuard = {
  readonly policy: EgressPolicy;
  readonly resolve: Resolve;
  /** Ends the attempt: the resolver is told and the socket destroyed, connected or not. */
  readonly signal: AbortSignal;
  /** DNS, TCP and TLS together, in milliseconds; the wait for a handshake's turn does not count. Default 5000. */
  readonly connectMs?: number;
  /** Certificate authority that is trusted instead of node's, PEM; for tests. Verification itself cannot be switched
   *  off. */
  readonly ca?: string;
  /** Told when the wait for the handshake begins (true) and ends (false). */
  readonly onQueue?: (isWaiting: boolean) => void;
};

/** A connector for an undici dispatcher that serves one attempt. Calls back with a `GuardedConnectError` (no socket was
 *  opened, or it is destroyed) or with node's error of the connection. It connects once, because undici must not send
 *  an event again on its own. */
export function guardedConnector(guard: ConnectorGuard): buildConnector.connector {
  let used = false;
  return (options, callback) => {
    const opening = used
      ? Promise.reject(new GuardedConnectError('connection_closed'))
      : openWithinDeadline(options, guard);
    used = true;
    void callBackWith(opening, callback);
  };
}

/** Judges the other end of a connected socket. Throws `GuardedConnectError`: `address_resolved` if the policy forbids
 *  it, `connection_reset` if there is no other end any more. */
export function judgePeer(socket: { readonly remoteAddress?: string | undefined }, policy: EgressPolicy): void {
  if (socket.remoteAddress === undefined) throw new GuardedConnectError('connection_reset');
  if (judgeAddress(socket.remoteAddress, policy) === 'refused') throw new GuardedConnectError('address_resolved');
}

/** The handshakes of this process: it has one event loop, whatever number of senders. */
const handshakes = createHandshakeQueue({ perHost: MAX_HANDSHAKES_PER_HOST, inAll: MAX_HANDSHAKES });

const DNS_CODES: Readonly<Record<string, ConnectFailureCode>> = {
  ENOTFOUND: 'dns_not_found',
  ENODATA: 'dns_empty',
  ETIMEOUT: 'timeout_dns',
  ECANCELLED: 'timeout_dns',
};

async function callBackWith(opening: Promise<Socket>, callback: buildConnector.Callback): Promise<void> {
  let socket: Socket;
  try {
    socket = await opening;
  } catch (error) {
    callback(error as Error, null);
    return;
  }
  callback(null, socket);
}

async function openWithinDeadline(options: buildConnector.Options, guard: ConnectorGuard): Promise<Socket> {
  const ending = new AbortController();
  const end = (): void => ending.abort(guard.signal.reason);
  const deadline = phaseDeadline((code) => ending.abort(new GuardedConnectError(code)));
  deadline.enter('timeout_dns', guard.connectMs ?? CONNECT_DEADLINE_MS);
  guard.signal.addEventListener('abort', end, { once: true });
  if (guard.signal.aborted) end();
  try {
    const addresses = await orAborted(allowedAddresses(options.hostname, guard, ending.signal), ending.signal);
    deadline.enter('timeout_connect');
    const judge = (tcp: Socket): void => judgePeer(tcp, guard.policy);
    const beginHandshake = async (): Promise<Leave> => {
      const leftMs = deadline.enter('timeout_tls_queue', HANDSHAKE_QUEUE_MS);
      guard.onQueue?.(true);
      const leave = await handshakes.enter(`${options.hostname}:${options.port}`, ending.signal);
      guard.onQueue?.(false);
      deadline.enter('timeout_connect', leftMs);
      return leave;
    };
    const pinned = { addresses, ca: guard.ca, signal: ending.signal, judge, beginHandshake };
    const socket = await openPinnedSocket(options, pinned);
    guard.signal.addEventListener('abort', () => socket.destroy(), { once: true });
    return socket;
  } finally {
    deadline.clear();
    guard.signal.removeEventListener('abort', end);
  }
}

type DeadlineCode = 'timeout_dns' | 'timeout_connect' | 'timeout_tls_queue';

/** One timer for phases that follow one another. `enter` returns the milliseconds that the phase before had left; the
 *  next one gets those, or `ms`. */
function phaseDeadline(onDeadline: (code: DeadlineCode) => void) {
  let timer: NodeJS.Timeout | undefined;
  let endsAt = 0;
  return {
    enter(code: DeadlineCode, ms?: number): number {
      const leftMs = Math.max(0, endsAt - performance.now());
      const phaseMs = ms ?? leftMs;
      clearTimeout(timer);
      timer = setTimeout(() => onDeadline(code), phaseMs);
      endsAt = performance.now() + phaseMs;
      return leftMs;
    },
    clear: () => clearTimeout(timer),
  };
}

/** Addresses to connect to, all of them allowed. Throws if one of them is not. */
async function allowedAddresses(host: string, guard: ConnectorGuard, signal: AbortSignal): Promise<readonly string[]> {
  const { policy } = guard;
  const hostname = withoutBrackets(host);
  if (isIP(hostname) !== 0) {
    if (judgeAddress(hostname, policy) === 'refused') throw new GuardedConnectError('address');
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
  // One bad address refuses all: a name that mixes public and private addresses is an attack or a mistake.
  const refused = addresses.some((address) => judgeAddress(address, policy) === 'refused');
  if (refused) throw new GuardedConnectError('address_resolved');
  return addresses;
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

/** `promise`, unless `signal` aborts first. A resolver that ignores its signal must not hold the attempt. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    promise.then(resolve, reject);
  });
}

/**
 * Opens the socket of one attempt, and only to an address that the egress policy allows. The check is here because
 * this is the last place: a name that was judged earlier can answer differently now (DNS rebinding). Literals are
 * judged first, since they never reach a `lookup`. Names are resolved by us and pinned. The connected peer is judged
 * before TLS begins.
 */
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { EgressPolicy } from '../../contract/egress/policy.ts';
import { CONNECT_DEADLINE_MS, HANDSHAKE_QUEUE_MS, MAX_HANDSHAKES, MAX_HANDSHAKES_PER_HOST } from './attempt-bounds.ts';
import { allowedAddresses, refusalOf } from './allowed-addresses.ts';
import type { AddressGuard } from './allowed-addresses.ts';
import { GuardedConnectError } from './connect-error.ts';
import { createHandshakeQueue } from './handshake-queue.ts';
import type { Leave } from './handshake-queue.ts';
import { ownAddresses, ownAddressesOnce } from './own-addresses.ts';
import type { IsOwn } from './own-addresses.ts';
import { openPinnedSocket } from './pinned-socket.ts';

/** What the connector of one attempt needs. */
export type ConnectorGuard = AddressGuard & {
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

/** The two ends of a socket. */
export type SocketEnds = { readonly remoteAddress?: string | undefined; readonly localAddress?: string | undefined };

/** Judges the other end of a connected socket. Throws `GuardedConnectError`: `address_resolved` if the policy forbids
 *  it, `address_own` if it is this machine, `connection_reset` if there is no other end any more. */
export function judgePeer(socket: SocketEnds, policy: EgressPolicy, isOwn: IsOwn = ownAddresses()): void {
  const { remoteAddress, localAddress } = socket;
  if (remoteAddress === undefined) throw new GuardedConnectError('connection_reset');
  // A connection to oneself has the same address at both ends, also where no interface has that address.
  const isSelf: IsOwn = (address) => address === localAddress || isOwn(address);
  const code = refusalOf(remoteAddress, policy, isSelf);
  if (code !== undefined) throw new GuardedConnectError(code);
}

/** The handshakes of this process: it has one event loop, whatever number of senders. */
const handshakes = createHandshakeQueue({ perHost: MAX_HANDSHAKES_PER_HOST, inAll: MAX_HANDSHAKES });

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
  const isOwn = ownAddressesOnce(guard.own);
  const once = { ...guard, own: () => isOwn };
  try {
    const addresses = await orAborted(allowedAddresses(options.hostname, once, ending.signal), ending.signal);
    deadline.enter('timeout_connect');
    const judge = (tcp: Socket): void => judgePeer(tcp, guard.policy, isOwn);
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

/** `promise`, unless `signal` aborts first. A resolver that ignores its signal must not hold the attempt. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    promise.then(resolve, reject);
  });
}

/**
 * A TCP or TLS connection to one of the given addresses and to nothing else. The guarded connector calls it with
 * addresses that it has judged. Name, SNI and certificate check stay those of the URL.
 */
import { connect, isIP, Socket } from 'node:net';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { MAX_TLS_WIRE_BYTES } from './attempt-bounds.ts';

/** What a socket is opened with. `signal` destroys it while it connects. `ca` is one more trusted authority, PEM.
 *  `judge` sees the TCP connection before a byte goes over it; an error that it throws ends the connection. */
export type PinnedSocketOptions = {
  readonly addresses: readonly string[];
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
  readonly judge: (tcp: Socket) => void;
};

/** Connects; the TLS handshake is part of it if the protocol is https. Rejects with node's error, the signal's reason
 *  or the error of `judge`, and leaves nothing open then. A TLS connection that brings more than `MAX_TLS_WIRE_BYTES`
 *  is destroyed with `ERR_TLS_FLOOD`, during the handshake and after it. */
export async function openPinnedSocket(
  target: buildConnector.Options,
  { addresses, ca, signal, judge }: PinnedSocketOptions,
): Promise<Socket> {
  const tcp = await dialled(target, addresses, signal);
  try {
    judge(tcp);
    return target.protocol === 'https:' ? await secured(tcp, target, ca, signal) : tcp.setNoDelay(true);
  } catch (error) {
    tcp.destroy();
    throw error;
  }
}

/** The TCP connection. We open it ourselves below TLS too: only here can the peer be judged before the handshake, and
 *  only here can the bytes of the handshake be counted. */
function dialled(
  { hostname, port, protocol }: buildConnector.Options,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const tcp = connect({
      host: hostname,
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      lookup: pinnedLookup(addresses),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    });
    tcp.once('connect', () => resolve(tcp));
    // Never removed: a late error, when nothing waits for the connection any more, would be uncaught.
    tcp.on('error', reject);
    const onAbort = (): void => {
      tcp.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function secured(
  tcp: Socket,
  target: buildConnector.Options,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const connector = buildConnector({
      minVersion: 'TLSv1.2',
      // Set explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes nothing.
      rejectUnauthorized: true,
      allowH2: false,
      maxCachedSessions: 0,
      keepAlive: false,
      // The caller's signal is the deadline. undici's coarse timer stays off.
      timeout: 0,
      ...(ca === undefined ? {} : { ca }),
    });
    const opening: unknown = connector({ ...target, httpSocket: tcp }, (error, socket) => {
      if (error === null) resolve(socket);
      else reject(error);
    });
    // The types say void, but the socket is returned while it still connects. There is no other way to it before the
    // callback.
    if (opening instanceof Socket) limitWire(tcp, opening);
    const onAbort = (): void => {
      if (opening instanceof Socket) opening.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** Destroys `tls` when `tcp`, which carries it, has brought too much. A TLS socket counts and announces decrypted
 *  data only. Records without any (HelloRequests before the handshake, session tickets after it) came in by the
 *  gigabyte, unseen. */
function limitWire(tcp: Socket, tls: Socket): void {
  const timer = setInterval(() => {
    if (tcp.bytesRead <= MAX_TLS_WIRE_BYTES) return;
    tls.destroy(Object.assign(new Error('too many bytes below TLS'), { code: 'ERR_TLS_FLOOD' }));
  }, COUNT_EVERY_MS);
  timer.unref();
  tls.once('close', () => {
    clearInterval(timer);
    tcp.destroy();
  });
}

/** A `lookup` for node's connect that always answers with these addresses, in both of its forms. Node connects only
 *  to what the callback is given. */
export function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    if (options.all === true) return callback(null, entries);
    const entry = entries.find(({ family }) => family === options.family) ?? entries[0];
    if (entry === undefined) return callback(new Error('no address to connect to'), '');
    return callback(null, entry.address, entry.family);
  };
}

/** How long one address may take before the next is tried. Node's 250 ms gives up on hosts that are merely far away. */
const NEXT_ADDRESS_AFTER_MS = 1_000;

/** A loop-back flood brings some 15 MB in this time, a gigabit line 6 MB; 500 attempts at once cost 10,000 looks a
 *  second. */
const COUNT_EVERY_MS = 50;

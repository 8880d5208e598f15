/**
 * A TCP or TLS connection to one of the given addresses and to nothing else. The guarded connector calls it with
 * addresses that it has judged. Name, SNI and certificate check stay those of the URL.
 */
import { connect, isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { buildConnector } from 'undici';
import { MAX_HANDSHAKE_BYTES, MAX_TLS_WIRE_BYTES } from './attempt-bounds.ts';
import type { Leave } from './handshake-queue.ts';
import { tlsContext } from './tls-context.ts';
import { tlsTurns } from './tls-turns.ts';
import { createTlsWire } from './tls-wire.ts';

/** What a socket is opened with. `signal` destroys it while it connects. `ca`, PEM, is trusted instead of node's
 *  authorities. `judge` sees the TCP connection before a byte goes over it; an error that it throws ends it. */
export type PinnedSocketOptions = {
  readonly addresses: readonly string[];
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
  readonly judge: (tcp: Socket) => void;
  /** Resolves when the TLS handshake may begin; the result is called when the handshake is over. */
  readonly beginHandshake?: () => Promise<Leave>;
};

/** Connects; the TLS handshake is part of it if the protocol is https. Rejects with node's error, the signal's reason
 *  or the error of `judge`, and leaves nothing open then. A TLS connection that brings more than `MAX_HANDSHAKE_BYTES`
 *  before it is secure, or more than `MAX_TLS_WIRE_BYTES` in all, is destroyed with `ERR_TLS_FLOOD`. */
export async function openPinnedSocket(target: buildConnector.Options, options: PinnedSocketOptions): Promise<Socket> {
  const tcp = await dialled(target, options.addresses, options.signal);
  try {
    options.judge(tcp);
    tcp.setNoDelay(true);
    return target.protocol === 'https:' ? await securedInTurn(tcp, target, options) : tcp;
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

async function securedInTurn(
  tcp: Socket,
  target: buildConnector.Options,
  { ca, signal, beginHandshake }: PinnedSocketOptions,
): Promise<Socket> {
  const leave = await beginHandshake?.();
  try {
    // It may have gone while it waited, and would never say so again.
    if (tcp.destroyed || tcp.readableEnded) throw connectionReset();
    return await secured(tcp, target, tlsContext(ca), signal);
  } finally {
    leave?.();
  }
}

/** The TLS connection over `tcp`, after its handshake. Node judges the certificates when the handshake is over, and
 *  not a byte of ours has been sent then. */
function secured(
  tcp: Socket,
  { hostname, port }: buildConnector.Options,
  context: SecureContext,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const bounds = { handshakeBytes: MAX_HANDSHAKE_BYTES, totalBytes: MAX_TLS_WIRE_BYTES };
    const inTurn = (step: () => void): void => tlsTurns(`${hostname}:${port}`, step);
    const wire = createTlsWire(tcp, bounds, inTurn, () => {
      tls.destroy(Object.assign(new Error('too many bytes below TLS'), { code: 'ERR_TLS_FLOOD' }));
    });
    const tls = connectTls({
      socket: wire.stream,
      host: hostname,
      // No SNI for an address (RFC 6066 §3); its certificate is then judged by `host`.
      servername: isIP(hostname) === 0 ? hostname : '',
      secureContext: context,
      ALPNProtocols: ['http/1.1'],
      // Set explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes nothing.
      rejectUnauthorized: true,
    });
    tls.once('secureConnect', () => {
      wire.secured();
      resolve(tls);
    });
    // Never removed: a late error, when nothing waits for the connection any more, would be uncaught.
    tls.on('error', reject);
    tls.once('close', () => {
      tcp.destroy();
      reject(connectionReset());
    });
    const onAbort = (): void => {
      tls.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function connectionReset(): Error {
  return Object.assign(new Error('closed before the end of the TLS handshake'), { code: 'ECONNRESET' });
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

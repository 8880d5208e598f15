/**
 * A TCP or TLS connection to one of the given addresses and to nothing else. The guarded connector calls it with addresses
 * it has judged; name, SNI and certificate check stay those of the URL.
 */
import { isIP, Socket } from 'node:net';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';

/** What a socket is opened with. `signal` destroys it while it connects; `ca` is one more trusted authority, PEM. */
export type PinnedSocketOptions = {
  readonly addresses: readonly string[];
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
};

/** Connects, TLS handshake included where the protocol is https. Rejects with node's error, or the signal's reason. */
export function openPinnedSocket(
  target: buildConnector.Options,
  { addresses, ca, signal }: PinnedSocketOptions,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const connect = buildConnector({
      lookup: pinnedLookup(addresses),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
      minVersion: 'TLSv1.2',
      // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes nothing.
      rejectUnauthorized: true,
      allowH2: false,
      maxCachedSessions: 0,
      keepAlive: false,
      // The caller's signal is the deadline; undici's coarse timer stays off.
      timeout: 0,
      ...(ca === undefined ? {} : { ca }),
    });
    const opened: unknown = connect(target, (error, socket) => (error === null ? resolve(socket) : reject(error)));
    // The socket is returned while it still connects, though the types say void: the only hold on it before the callback.
    const onAbort = (): void => {
      if (opened instanceof Socket) opened.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** A `lookup` for node's connect that answers with these addresses whatever is asked, in both of its forms: node connects
 *  only to what the callback is given. */
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

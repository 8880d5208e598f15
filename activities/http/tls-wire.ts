/**
 * The wire between TCP and TLS. A TLS socket counts and announces decrypted data only, so without this nothing sees the
 * bytes of a handshake. OpenSSL takes 100 KiB of certificates, and any number of records without data. Here every byte
 * is counted before OpenSSL computes with it, and OpenSSL gets small pieces, each in its turn.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Bounds of one wire, in bytes that come in. */
export type WireBounds = {
  /** Before `secured` is called. */
  readonly handshakeBytes: number;
  /** In all. */
  readonly totalBytes: number;
};

/** What `tls.connect` takes as its socket, and the call that ends the handshake's bound. */
export type TlsWire = { readonly stream: Duplex; secured(): void };

/** A wire over a connected `tcp`. `inTurn` runs each step with OpenSSL, in the order of the calls. Calls `onFlood`
 *  instead of handing over a byte above the bounds. Ending either side ends the other; an error of `tcp` is the
 *  stream's. */
export function createTlsWire(
  tcp: Socket,
  bounds: WireBounds,
  inTurn: (step: () => void) => void,
  onFlood: () => void,
): TlsWire {
  let limit = Math.min(bounds.handshakeBytes, bounds.totalBytes);
  let handedOver = 0;
  /** A chunk is being handed over; until its last piece nothing more is read. */
  let isBusy = false;
  let isWanted = false;
  const afterwards: (() => void)[] = [];
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => {
      isWanted = true;
      if (!isBusy) tcp.resume();
    },
    write: (chunk: Buffer, _encoding, done) => void tcp.write(chunk, done),
    final: (done) => void tcp.end(done),
    destroy: (error, done) => {
      tcp.destroy();
      done(error);
    },
  });
  const handOver = (chunk: Buffer): void => {
    if (stream.destroyed) return;
    const piece = chunk.subarray(0, PIECE_BYTES);
    handedOver += piece.length;
    if (handedOver > limit) return onFlood();
    isWanted = stream.push(piece) || isWanted;
    if (piece.length < chunk.length) return inTurn(() => handOver(chunk.subarray(piece.length)));
    isBusy = false;
    if (isWanted) tcp.resume();
    for (const step of afterwards.splice(0)) step();
  };
  // A refused handshake is an alert and then an end or a reset. The alert says why, so it goes first. Node emits `end`
  // on a paused socket, too.
  const afterLastPiece = (step: () => void): void => {
    if (isBusy) afterwards.push(step);
    else step();
  };
  tcp.pause();
  tcp.on('data', (chunk: Buffer) => {
    tcp.pause();
    isBusy = true;
    isWanted = false;
    inTurn(() => handOver(chunk));
  });
  tcp.once('end', () => afterLastPiece(() => stream.push(null)));
  tcp.on('error', (error) => afterLastPiece(() => stream.destroy(error)));
  tcp.once('close', () => afterLastPiece(() => stream.destroy()));
  return {
    stream,
    secured: () => {
      limit = bounds.totalBytes;
    },
  };
}

/** 4 KiB: the bound of the handshake is kept to this, and a flood of small records is this much of one step. */
const PIECE_BYTES = 4_096;

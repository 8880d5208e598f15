/** Bounds on how much of an answer is read. They hold whatever the receiver sends and however fast. */
import type { Socket } from 'node:net';

/** Reads a body up to `limit` bytes, keeps none of it, and says how many came. Stopping early destroys the body. Never
 *  rejects: the status line has decided already, so a body that is cut, endless or broken changes nothing. */
export async function countBodyBytes(body: AsyncIterable<Uint8Array>, limit: number): Promise<number> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes >= limit) break;
    }
  } catch {
    // See the docstring: the status line has decided.
  }
  return Math.min(bytes, limit);
}

/** Calls `onExceeded` when more than `limit` further bytes have come in on `socket`. The check runs before anybody else
 *  reads them, so the overshoot is one read of the kernel (64 KiB). Call it before the socket's user adds listeners. */
export function limitReading(socket: Socket, limit: number, onExceeded: () => void): void {
  const before = socket.bytesRead;
  socket.prependListener('readable', () => {
    if (socket.bytesRead - before > limit) onExceeded();
  });
}

/** Hands out what has come in on `socket` in pieces of at most 1 KiB, each as `take` returns it, and nothing after the
 *  socket is destroyed.
 *  After more than `maxLines` lines it hands out nothing more and calls `onExceeded`.
 *  Pieces: undici parses a piece to its end even after it has given the answer up. It makes an error with a stack for
 *  every further header field; a hundred receivers that sent `a:` lines took 25 s of processor time.
 *  Lines: undici bounds the text of header fields but not their number, and keeps each: 300 MB for the same hundred. */
export function readInPieces(socket: Socket, { maxLines, onExceeded, take = (piece) => piece }: PieceOptions): void {
  const read = socket.read.bind(socket);
  let lines = 0;
  socket.read = (size?: number): unknown => {
    // A destroyed stream still hands out what it has buffered.
    while (!socket.destroyed && lines <= maxLines) {
      const piece: unknown = read(size ?? (Math.min(socket.readableLength, PIECE_BYTES) || undefined));
      if (!(piece instanceof Buffer)) return piece;
      lines += linesIn(piece);
      if (lines > maxLines) onExceeded();
      else if (piece.length > 0) {
        const taken = take(piece);
        if (taken.length > 0) return taken;
      }
    }
    return null;
  };
}

/** Options of `readInPieces`. `take` sees each piece in turn; a piece that it returns empty is not handed out. */
export type PieceOptions = {
  readonly maxLines: number;
  readonly onExceeded: () => void;
  readonly take?: (piece: Buffer) => Buffer;
};

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1;
  return lines;
}

const LINE_FEED = 0x0a;

/** A 64 KiB body then takes 64 turns of the parser; the head of an answer fits in one. */
const PIECE_BYTES = 1_024;

/**
 * The little that is taken from a receiver's answer. Everything in it is hostile data: what leaves this file is numbers
 * and one media type of plain characters. How much of it is read at all is bounded here too.
 */
import type { Socket } from 'node:net';

/** One response header as undici hands it over; a list where the receiver sent it more than once. */
export type HeaderValue = string | string[] | undefined;

/** Milliseconds to wait by a `Retry-After` header: seconds or an HTTP date, counted from `nowMs`; a past date is 0.
 *  Undefined where it is missing, repeated or neither form. Not capped, see `waitMs`. Source: RFC 9110 §10.2.3. */
export function retryAfterMs(header: HeaderValue, nowMs: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  // Date.parse alone takes nearly anything ("1.5" is a day in 2001): only text that looks like an HTTP date reaches it.
  const date = HTTP_DATES.some((form) => form.test(text))
    ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
    : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** `type/subtype` in lower case without parameters; undefined where it is anything but a plain token of at most 100
 *  characters. mediaType('Application/JSON; charset=utf-8') → 'application/json'. */
export function mediaType(header: HeaderValue): string | undefined {
  if (typeof header !== 'string') return undefined;
  const type = header.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return type.length <= 100 && /^[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*$/.test(type) ? type : undefined;
}

/** Reads a body up to `limit` bytes, keeps none of it, and says how many came. Leaving early destroys the body. Never
 *  rejects: the status line has decided, and a body that is cut, endless or broken afterwards changes nothing. */
export async function countBodyBytes(body: AsyncIterable<Uint8Array>, limit: number): Promise<number> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes >= limit) break;
    }
  } catch {
    // Decided above; see the docstring.
  }
  return Math.min(bytes, limit);
}

/** Calls `onExceeded` once more than `limit` further bytes have come in on `socket`. Checked before anybody else reads them,
 *  so the overshoot is one read of the kernel's (64 KiB). To be called before the socket's user adds its listeners. */
export function limitReading(socket: Socket, limit: number, onExceeded: () => void): void {
  const before = socket.bytesRead;
  socket.prependListener('readable', () => {
    if (socket.bytesRead - before > limit) onExceeded();
  });
}

/** Hands out what has come in on `socket` in pieces of at most 1 KiB, however much one read of the kernel's brought, and
 *  nothing once it is destroyed, or has brought more than `maxLines` lines: then it calls `onExceeded`. undici parses a piece to
 *  its end even when it has given the answer up, and makes an error, stack and all, for every further header field: a hundred
 *  receivers that sent `a:` lines took 25 s of processor time. And it bounds the text of fields, not their number, each of
 *  which it keeps: 300 MB for those hundred. */
export function readInPieces(socket: Socket, maxLines: number, onExceeded: () => void): void {
  const read = socket.read.bind(socket);
  let lines = 0;
  socket.read = (size?: number): unknown => {
    // A destroyed stream would go on with what it holds.
    if (socket.destroyed || lines > maxLines) return null;
    const piece: unknown = read(size ?? (Math.min(socket.readableLength, PIECE_BYTES) || undefined));
    if (piece instanceof Uint8Array) lines += linesIn(piece);
    if (lines <= maxLines) return piece;
    onExceeded();
    return null;
  };
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1;
  return lines;
}

const LINE_FEED = 0x0a;

/** A 64 KiB body is 64 turns of the parser then; an answer's head fits in one. */
const PIECE_BYTES = 1_024;

/** The three forms of RFC 9110 §5.6.7: IMF-fixdate, RFC 850, asctime. */
const HTTP_DATES = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

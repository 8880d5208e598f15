/** The request body as bytes, for the signature covers bytes. A parsed body cannot be verified: its bytes are lost. */

/** A body that was not parsed: bytes (express.raw, node's stream, arrayBuffer()) or text (express.text, text()). */
export type RawBody = string | Uint8Array | ArrayBuffer;

/** The bytes of `rawBody`; they share its memory. Undefined for anything that is not bytes or text, and for an empty
 *  body. Code that reads a stream a second time gets an empty body. */
export function bodyBytes(rawBody: unknown): Buffer | undefined {
  const bytes = toBuffer(rawBody);
  return bytes === undefined || bytes.length === 0 ? undefined : bytes;
}

function toBuffer(rawBody: unknown): Buffer | undefined {
  if (typeof rawBody === 'string') return Buffer.from(rawBody, 'utf8');
  // Not instanceof Uint8Array: a view may come from another realm (a vm, a test runner).
  if (ArrayBuffer.isView(rawBody)) return Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength);
  return isArrayBuffer(rawBody) ? Buffer.from(rawBody) : undefined;
}

/** Checks the tag, not `instanceof`: in a vm or a test runner, Fetch's arrayBuffer() gives a buffer of another
 *  realm. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

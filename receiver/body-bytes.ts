/** The request body as the bytes that were signed. A parsed body cannot be verified: its bytes are gone. */

/** A body nobody has parsed: bytes (express.raw, node's stream, arrayBuffer()) or text (express.text, text()). */
export type RawBody = string | Uint8Array | ArrayBuffer;

/** The bytes of `rawBody`, sharing its memory; undefined for anything that is not bytes or text, and for an empty body,
 *  which is what a second reader of a consumed stream gets. */
export function bodyBytes(rawBody: unknown): Buffer | undefined {
  const bytes = toBuffer(rawBody);
  return bytes === undefined || bytes.length === 0 ? undefined : bytes;
}

function toBuffer(rawBody: unknown): Buffer | undefined {
  if (typeof rawBody === 'string') return Buffer.from(rawBody, 'utf8');
  // Not instanceof Uint8Array: a view from another realm (a vm, a test runner) is bytes too.
  if (ArrayBuffer.isView(rawBody)) return Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength);
  return isArrayBuffer(rawBody) ? Buffer.from(rawBody) : undefined;
}

/** By its tag and not by `instanceof`: Fetch's arrayBuffer() in a vm or a test runner gives one of another realm. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

/**
 * Reads the four headers of a signature from whatever the framework calls headers: node's IncomingHttpHeaders, a Fetch
 * Headers, or a plain object with names in any case. Values are used as they are: trimming would change what was
 * signed.
 */
import { HEADERS } from '../contract/headers.ts';

/** A Fetch `Headers` or anything with its `get`, node's `req.headers`, or a plain object with names in any case. */
export type WebhookHeaders =
  | { get(name: string): string | null | undefined }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** One header. `none`: absent or empty. `one`: a single value. `several`: more values than the header may have. */
export type HeaderReading = { readonly found: 'none' | 'several' } | { readonly found: 'one'; readonly value: string };

/** What was found of each header of a signature. */
export type SignatureHeaderReadings = {
  readonly id: HeaderReading;
  readonly timestamp: HeaderReading;
  readonly signature: HeaderReading;
  readonly bodySignature: HeaderReading;
};

/** Reads the signature headers. Undefined if `headers` is not an object, or is a list such as node's `rawHeaders`, in
 *  which no name would be found. A value that is not text counts as absent. */
export function readSignatureHeaders(headers: unknown): SignatureHeaderReadings | undefined {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return undefined;
  return {
    id: readHeader(headers, HEADERS.id),
    timestamp: readHeader(headers, HEADERS.timestamp),
    signature: readHeader(headers, HEADERS.signature),
    bodySignature: readHeader(headers, HEADERS.legacySignature),
  };
}

/** Reads the header `name`, in lower case, from the same kinds of headers. Anything else has no header. */
export function readHeader(headers: unknown, name: string): HeaderReading {
  if (typeof headers !== 'object' || headers === null) return { found: 'none' };
  return toReading(hasGet(headers) ? [headers.get(name)] : valuesInAnyCase(headers, name));
}

function hasGet(headers: object): headers is { get(name: string): unknown } {
  return 'get' in headers && typeof headers.get === 'function';
}

function valuesInAnyCase(headers: object, name: string): readonly unknown[] {
  return Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]: [string, unknown]) => value);
}

/** Two values are refused even if they are equal: the sender sends one, so somebody else added the second. */
function toReading(values: readonly unknown[]): HeaderReading {
  const texts = values.filter((value) => typeof value === 'string' && value !== '');
  if (texts.length > 1) return { found: 'several' };
  const [value] = texts;
  return typeof value === 'string' ? { found: 'one', value } : { found: 'none' };
}

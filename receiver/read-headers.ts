/**
 * Reads the four headers of a signature from whatever the framework calls headers: node's IncomingHttpHeaders, a Fetch
 * Headers, or a plain object with names in any case. Values are used as they are: trimming would change what was
 * signed.
 */
import { HEADERS } from '../contract/headers.ts';

/** A Fetch `Headers` or anything with its `get`; node's `req.headers`; a Map or a plain object with names in any
 *  case. */
export type WebhookHeaders =
  | ReadonlyMap<string, string | readonly string[] | undefined>
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

/** Reads the signature headers. Undefined if `headers` is not an object, or is one in which no name would be found: a
 *  list such as node's `rawHeaders`, or a whole request. A value that is not text counts as absent. */
export function readSignatureHeaders(headers: unknown): SignatureHeaderReadings | undefined {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return undefined;
  if (!hasGet(headers) && isRequest(headers)) return undefined;
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
  if (isMap(headers)) return toReading(valuesInAnyCase([...headers], name));
  return toReading(hasGet(headers) ? [headers.get(name)].flat() : valuesInAnyCase(Object.entries(headers), name));
}

/** By its tag, since it may come from another realm. Its `get` finds names in their own case only. */
function isMap(headers: object): headers is Map<unknown, unknown> {
  return Object.prototype.toString.call(headers) === '[object Map]';
}

/** Node's, Fetch's and every framework's request have them. The value of a header is no object. */
function isRequest(given: object): boolean {
  return (
    'headers' in given && typeof given.headers === 'object' && given.headers !== null && !Array.isArray(given.headers)
  );
}

function hasGet(headers: object): headers is { get(name: string): unknown } {
  return 'get' in headers && typeof headers.get === 'function';
}

function valuesInAnyCase(headers: readonly (readonly [unknown, unknown])[], name: string): readonly unknown[] {
  return headers.filter(([key]) => String(key).toLowerCase() === name).flatMap(([, value]) => value);
}

/** Two values are refused even if they are equal: the sender sends one, so somebody else added the second. */
function toReading(values: readonly unknown[]): HeaderReading {
  const texts = values.filter((value) => typeof value === 'string' && value !== '');
  if (texts.length > 1) return { found: 'several' };
  const [value] = texts;
  return typeof value === 'string' ? { found: 'one', value } : { found: 'none' };
}

/**
 * The four headers a signature needs, out of whatever the framework calls headers: node's IncomingHttpHeaders, a Fetch
 * Headers, or a plain object in any case. Values are taken as they are: trimming or splitting would bend what was signed.
 */
import { HEADERS } from '../contract/names.ts';

/** A Fetch `Headers` (anything with its `get`), node's `req.headers`, or a plain object with names in any case. */
export type WebhookHeaders =
  | { get(name: string): string | null | undefined }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** One header: absent or empty, one value, or several where only one can be meant. */
export type HeaderReading = { readonly found: 'none' | 'several' } | { readonly found: 'one'; readonly value: string };

/** What was found of each header that takes part in a signature. */
export type SignatureHeaderReadings = {
  readonly id: HeaderReading;
  readonly timestamp: HeaderReading;
  readonly signature: HeaderReading;
  readonly bodySignature: HeaderReading;
};

/** Reads the signature headers; undefined where `headers` is not an object, or a list (node's `rawHeaders`, pairs), in which
 *  no name would ever be found. Values that are no text count as absent. */
export function readSignatureHeaders(headers: unknown): SignatureHeaderReadings | undefined {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return undefined;
  const valuesOf = hasGet(headers)
    ? (name: string): readonly unknown[] => [headers.get(name)]
    : (name: string): readonly unknown[] => valuesInAnyCase(headers, name);
  return {
    id: toReading(valuesOf(HEADERS.id)),
    timestamp: toReading(valuesOf(HEADERS.timestamp)),
    signature: toReading(valuesOf(HEADERS.signature)),
    bodySignature: toReading(valuesOf(HEADERS.legacySignature)),
  };
}

function hasGet(headers: object): headers is { get(name: string): unknown } {
  return 'get' in headers && typeof headers.get === 'function';
}

function valuesInAnyCase(headers: object, name: string): readonly unknown[] {
  return Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]: [string, unknown]) => value);
}

/** Two values are refused even where they agree: whoever put the second one there is not the sender. */
function toReading(values: readonly unknown[]): HeaderReading {
  const texts = values.filter((value) => typeof value === 'string' && value !== '');
  if (texts.length > 1) return { found: 'several' };
  const [value] = texts;
  return typeof value === 'string' ? { found: 'one', value } : { found: 'none' };
}

/**
 * Why a signature does not match, where the body shows it. Most mismatches are no attack: a framework, a proxy or a
 * queue in front of the receiver has changed the body. Nothing here ever accepts a request.
 */
import { readHeader } from './read-headers.ts';

/** Larger bodies are not parsed to find a cause: strangers can send them, too. The sender's bodies seldom reach it. */
const MAX_PARSED_BYTES = 262_144;

const BYTE_ORDER_MARK = '\u{FEFF}';
const AS_RECEIVED = 'Pass the bytes as received, before anything parses or changes them.';

/** The cause in a sentence or two for a developer; undefined if the body shows none. `holds` says whether the
 *  signature matches other bytes; if it does, the secret is right. */
export function mismatchCause(body: Buffer, headers: unknown, holds: (bytes: Buffer) => boolean): string | undefined {
  if (isGzip(body)) return `The body is compressed (gzip), and the sender does not compress. ${AS_RECEIVED}`;
  const text = body.toString('utf8');
  const holdsText = (candidate: string | undefined): boolean =>
    candidate !== undefined && candidate !== text && holds(Buffer.from(candidate));

  if (holdsText(withoutEnds(text))) {
    return `The secret is right, but a line break or blank was added around the body. ${AS_RECEIVED}`;
  }
  if (body.length <= MAX_PARSED_BYTES) {
    if (holdsText(printedAgain(text))) {
      return `The secret is right, but the body was parsed and printed again. ${AS_RECEIVED}`;
    }
    const decoded = fromBase64(text);
    if (decoded !== undefined) {
      const known = holds(decoded) ? 'The secret is right, but the body' : 'The body';
      return `${known} is base64 of JSON. Decode it first, as for an event with isBase64Encoded: true on AWS Lambda.`;
    }
  }
  const announced = readHeader(headers, 'content-length');
  if (announced.found === 'one' && /^\d{1,15}$/.test(announced.value) && Number(announced.value) !== body.length) {
    const length = body.length < Number(announced.value) ? 'shorter' : 'longer';
    return `The body is ${length} than content-length says: it was cut or changed. ${AS_RECEIVED}`;
  }
  return undefined;
}

function isGzip(body: Buffer): boolean {
  return body[0] === 0x1f && body[1] === 0x8b;
}

function withoutEnds(text: string): string {
  return (text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).trim();
}

/** The text as the sender prints JSON; also of a body that became one JSON string. */
function printedAgain(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The JSON object whose base64 the text is, as bytes; undefined if it is none. */
function fromBase64(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/_-]+={0,2}\s*$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes[0] === 0x7b && printedAgain(bytes.toString('utf8')) !== undefined ? bytes : undefined;
}

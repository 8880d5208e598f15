/**
 * Holds the head of a final answer, status line and header lines, back until all of it has come. undici's parser ends
 * the connection at the first line that it refuses, and a `Retry-After` in a later packet would be lost with it. The
 * parser then gets the head in one piece. `fieldOf` is for a head that the parser has refused; of every other head
 * nothing is read here.
 */
import type { HeaderValue } from './answer-headers.ts';
import { MAX_ANSWER_LINES, MAX_RESPONSE_HEADER_BYTES } from './attempt-bounds.ts';

/** The head of one answer, from the first byte of its status line on. */
export type HeldHead = {
  /** Takes the next bytes and returns those for undici's parser. That is nothing until the head is complete or too
   *  large to be read, then everything so far, and from then on the same bytes. */
  take(bytes: Buffer): Buffer;
  /** Value of one field, `name` in lower case; a list where the receiver sent it more than once. Undefined where the
   *  head is too large or not complete. A blank line completes it. So does a receiver that ends its side (`isEnded`),
   *  up to the last line that has its LF. */
  fieldOf(name: string, isEnded: boolean): HeaderValue;
};

/** The head of an answer of which nothing has come yet. */
export function holdHead(): HeldHead {
  let part: 'open' | 'complete' | 'too_large' = 'open';
  const pieces: Buffer[] = [];
  let head: Buffer = NOTHING;
  let bytesHeld = 0;
  /** Whether nothing but CR has come of the current line. Some servers on Windows end their lines with CR CR LF. */
  let isBlank = false;

  const completes = (bytes: Buffer): boolean => {
    // Not for…of, which takes three times as long, at each answer.
    for (let at = 0; at < bytes.length; at += 1) {
      if (bytes[at] === LINE_FEED && isBlank) return true;
      isBlank = bytes[at] === LINE_FEED || (isBlank && bytes[at] === CARRIAGE_RETURN);
    }
    return false;
  };

  return {
    take(bytes) {
      if (part !== 'open') return bytes;
      pieces.push(bytes);
      bytesHeld += bytes.length;
      if (completes(bytes)) part = 'complete';
      else if (bytesHeld > MAX_HELD_BYTES) part = 'too_large';
      else return NOTHING;
      head = pieces.length === 1 ? bytes : Buffer.concat(pieces);
      return head;
    },
    fieldOf(name, isEnded) {
      if (part === 'open' && isEnded) head = Buffer.concat(pieces);
      const values = part === 'too_large' ? [] : valuesOf(name, fieldsOf(head));
      return values.length > 1 ? values : values[0];
    },
  };
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NOTHING = Buffer.alloc(0);
/** Names and values that undici still reads fit in it, with four bytes between and behind them. */
const MAX_HELD_BYTES = MAX_RESPONSE_HEADER_BYTES + 4 * MAX_ANSWER_LINES;

type Field = { readonly name: string; value: string };

/** The fields of a head; none if their names and values are larger than undici reads.
 *  A line without a colon is left out. A folded line belongs to the line above (RFC 9112 §5.2). A NUL or a CR inside a
 *  value stays there, so the value is in no form that is believed. */
function fieldsOf(head: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let last: Field | undefined;
  // Without the status line. What stands behind the last LF is no whole line.
  for (const line of head.toString('latin1').split('\n').slice(1, -1)) {
    if (/^\r*$/.test(line)) break;
    const colon = line.indexOf(':');
    if (/^[ \t]/.test(line)) {
      if (last !== undefined) last.value += ` ${line.trim()}`;
    } else if (colon < 0) {
      last = undefined;
    } else {
      last = { name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() };
      fields.push(last);
    }
  }
  const bytes = fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  return bytes > MAX_RESPONSE_HEADER_BYTES ? [] : fields;
}

function valuesOf(name: string, fields: readonly Field[]): string[] {
  return fields.filter((field) => field.name === name).map(({ value }) => value);
}

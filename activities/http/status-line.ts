/**
 * Reads the status line where it leaves the socket, before undici's parser can refuse what follows it. Old and sloppy
 * servers send bare LF, two lengths or broken header lines after a good `200`, and curl and Python take those for a
 * 200. post-once.ts makes one reader per attempt; a status line that is complete decides the attempt.
 */
import { MAX_INFORMATIONAL_RESPONSES } from './attempt-bounds.ts';

/** The reader of one connection. */
export type StatusLine = {
  /** Takes the next bytes of the answer and returns the bytes for undici's parser. These are the same bytes, but each
   *  informational answer (1xx) is replaced by a clean one: undici ends the connection at an unasked `100 Continue`. */
  take(piece: Buffer): Buffer;
  /** The final answer's three digits. `101` is final too. Undefined until its line is complete, and forever if the
   *  answer does not begin with a status line. The LF completes a line: half a status line is no answer. */
  readonly status: number | undefined;
  /** Whether the last answer so far is a `100 Continue`, for which we never ask. */
  readonly isContinued: boolean;
};

/** A reader at the first byte of an answer. */
export function readStatusLine(): StatusLine {
  let part: 'start' | 'informational' | 'final' | 'over' = 'start';
  /** First bytes of the current line, its end included. */
  let line = '';
  let held: Buffer[] = [];
  let status: number | undefined;
  let isContinued = false;
  let informational = 0;

  const isOver = (): boolean => part === 'over';

  const start = (bytes: Buffer, isWhole: boolean): readonly Buffer[] => {
    held.push(bytes);
    if (!isWhole && line.length < DECIDING_LENGTH && beginsLikeOne(line)) return [];
    part = kindOf(line);
    if (part === 'informational') informational += 1;
    isContinued = part === 'informational' && line.startsWith('100', STATUS_AT);
    const released = part === 'informational' ? [] : held;
    held = [];
    return released;
  };

  const pass = (bytes: Buffer, isWhole: boolean): readonly Buffer[] => {
    line += bytes.toString('latin1', 0, DECIDING_LENGTH - line.length);
    const wasInside = part === 'informational';
    const passed = part === 'start' ? start(bytes, isWhole) : part === 'final' ? [bytes] : [];
    if (!isWhole) return passed;
    if (part === 'final') {
      status = Number(line.slice(STATUS_AT, STATUS_AT + 3));
      part = 'over';
    }
    const isBlank = line === '\r\n' || line === '\n';
    line = '';
    if (!wasInside || !isBlank) return passed;
    // One too many: the caller ends the attempt at it, and what comes behind it decides nothing.
    part = informational > MAX_INFORMATIONAL_RESPONSES ? 'over' : 'start';
    return [CLEAN_INFORMATIONAL];
  };

  return {
    get status() {
      return status;
    },
    get isContinued() {
      return isContinued;
    },
    take(piece) {
      const passed: Buffer[] = [];
      let from = 0;
      while (from < piece.length && !isOver()) {
        const end = piece.indexOf(LINE_FEED, from) + 1;
        const bytes = piece.subarray(from, end || undefined);
        passed.push(...pass(bytes, end > 0));
        from += bytes.length;
      }
      return from === 0 ? piece : Buffer.concat([...passed, piece.subarray(from)]);
    },
  };
}

const LINE_FEED = 0x0a;
const STATUS_AT = 'HTTP/1.1 '.length;
/** Status line up to a CRLF right behind its digits: whatever it is, this many bytes tell. */
const DECIDING_LENGTH = 'HTTP/1.1 200\r\n'.length;
/** What undici gets for an informational answer. It counts them and restarts its header timer at each. */
const CLEAN_INFORMATIONAL = Buffer.from('HTTP/1.1 102 Processing\r\n\r\n');

function kindOf(line: string): 'informational' | 'final' | 'over' {
  if (!/^HTTP\/1\.\d \d{3}( |\r?\n)/.test(line)) return 'over';
  return line.startsWith('1', STATUS_AT) && !line.startsWith('101', STATUS_AT) ? 'informational' : 'final';
}

/** Whether a status line may still come of these bytes. Garbage goes to undici at once, which names it. */
function beginsLikeOne(line: string): boolean {
  return Array.from(line.slice(0, FORM.length)).every((char, at) =>
    FORM[at] === '0' ? /\d/.test(char) : FORM[at] === char,
  );
}

/** `0` stands for any digit. */
const FORM = 'HTTP/1.0 000';

/**
 * Reads the status line where it leaves the socket, before undici's parser can refuse what follows it. Old and sloppy
 * servers send bare LF, two lengths or broken header lines after a good `200`, and curl and Python take those for a
 * 200. post-once.ts makes one reader per attempt; a status line that is complete decides the attempt.
 */
import { MAX_INFORMATIONAL_RESPONSES } from './attempt-bounds.ts';
import { holdHead } from './held-head.ts';
import type { HeldHead } from './held-head.ts';

/** The reader of one connection. */
export type StatusLine = {
  /** Takes the next bytes of the answer and returns the bytes for undici's parser. These are the same bytes, but each
   *  informational answer (1xx) is replaced by a clean one: undici ends the connection at an unasked `100 Continue`.
   *  The header lines of the final answer come all together. */
  take(piece: Buffer): Buffer;
  /** A header field of the final answer, for one that undici has refused; see `HeldHead`. */
  readonly fieldOf: HeldHead['fieldOf'];
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
  /** Of a line that is not decided yet. */
  let undecided: Buffer[] = [];
  let status: number | undefined;
  let isContinued = false;
  let informational = 0;
  const head = holdHead();

  const isInformational = (): boolean => {
    const kind = kindOf(line);
    part = kind;
    isContinued = kind === 'informational' && line.startsWith('100', STATUS_AT);
    if (kind !== 'informational') return false;
    informational += 1;
    undecided = [];
    return true;
  };

  /** Reads up to the final answer, or to what is no answer. Returns where it begins. */
  const readBefore = (piece: Buffer, passed: Buffer[]): number => {
    let from = 0;
    while (from < piece.length && (part === 'start' || part === 'informational')) {
      const end = piece.indexOf(LINE_FEED, from) + 1;
      const bytes = piece.subarray(from, end || undefined);
      line += bytes.toString('latin1', 0, DECIDING_LENGTH - line.length);
      if (part === 'start') {
        if (end === 0 && line.length < DECIDING_LENGTH && beginsLikeOne(line)) undecided.push(bytes);
        else if (!isInformational()) return from;
      }
      from += bytes.length;
      if (end === 0) continue;
      if (line === '\r\n' || line === '\n') {
        passed.push(CLEAN_INFORMATIONAL);
        // One too many: the caller ends the attempt at it, and what comes behind it decides nothing.
        part = informational > MAX_INFORMATIONAL_RESPONSES ? 'over' : 'start';
      }
      line = '';
    }
    return from;
  };

  return {
    get status() {
      return status;
    },
    get isContinued() {
      return isContinued;
    },
    take(piece) {
      if (status !== undefined) return head.take(piece);
      const passed: Buffer[] = [];
      const rest = piece.subarray(readBefore(piece, passed));
      if (part === 'final' || part === 'over') {
        const behind = [...undecided, rest];
        undecided = [];
        if (part === 'final' && rest.includes(LINE_FEED)) status = Number(line.slice(STATUS_AT, STATUS_AT + 3));
        passed.push(...(part === 'final' ? behind.map((bytes) => head.take(bytes)) : behind));
      }
      return passed.length === 1 && passed[0] !== undefined ? passed[0] : Buffer.concat(passed);
    },
    fieldOf: (name, isEnded) => head.fieldOf(name, isEnded),
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

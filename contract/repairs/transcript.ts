/**
 * Reads a transcript line by line. Good lines stay as they are, and odd ones are mended: transcribers disagree about
 * names, numbers and times, and one odd line must not cost the receiver the whole conversation. Pure.
 */
import { cleanText, kindOf } from '../canonical-json.ts';
import type { TranscriptEntry } from '../collected-artifacts.ts';
import { readTime } from './times.ts';

/** One kind of mending: the field, the first line it was needed in (from 1 up), what stood there (never the value), and
 *  how many lines needed it. */
export type Mended = { readonly field: string; readonly line: number; readonly kind: string; readonly lines: number };

/** The lines as they are sent, and what was mended. A line that is neither an object nor a text is left out. */
export function mendedTranscript(lines: readonly unknown[]): {
  readonly lines: readonly TranscriptEntry[];
  readonly mended: readonly Mended[];
} {
  const mended = new Map<string, Mended>();
  const kept: TranscriptEntry[] = [];
  // By index: a list with holes has lines that are undefined.
  for (let index = 0; index < lines.length; index += 1) {
    const entry = entryOf(lines[index], index + 1, (field, value) => {
      const { line = index + 1, kind = kindOf(value), lines: count = 0 } = mended.get(field) ?? {};
      mended.set(field, { field, line, kind, lines: count + 1 });
    });
    if (entry !== undefined) kept.push(entry);
  }
  return { lines: kept, mended: [...mended.values()] };
}

type Tell = (field: string, value: unknown) => void;

function entryOf(line: unknown, position: number, tell: Tell): TranscriptEntry | undefined {
  if (typeof line !== 'string' && (typeof line !== 'object' || line === null || Array.isArray(line))) {
    tell('transcript', line);
    return undefined;
  }
  if (typeof line === 'string') tell('transcript', line);
  const fields = (typeof line === 'string' ? { text: line } : line) as Readonly<Record<string, unknown>>;
  return {
    id: idOf(fields['id'], position, tell),
    user: textOf('user', fields['user'], tell) || UNKNOWN_SPEAKER,
    text: textOf('text', fields['text'], tell),
    created_at: timeOf(fields['created_at'], tell),
  };
}

const UNKNOWN_SPEAKER = 'unknown';

function idOf(value: unknown, position: number, tell: Tell): number {
  if (typeof value === 'number' && isId(value)) return value;
  tell('transcript.id', value);
  const read = typeof value === 'bigint' || (typeof value === 'string' && /^\d+$/.test(value)) ? Number(value) : -0;
  return isId(read) ? read : position;
}

/** JSON writes negative zero as 0. */
function isId(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

function textOf(name: string, value: unknown, tell: Tell): string {
  if (typeof value === 'string') return cleanText(value);
  tell(`transcript.${name}`, value);
  return ['number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : '';
}

function timeOf(value: unknown, tell: Tell): string | null {
  const read = readTime(value);
  if (read === undefined || read.form !== undefined) tell('transcript.created_at', value);
  return read?.time ?? null;
}

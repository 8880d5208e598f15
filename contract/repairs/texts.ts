/** Reads ids and texts of reported data: numbers become text, long texts are cut, and what databases refuse is
 *  replaced. Pure. */
import { cleanText, kindOf } from '../canonical-json.ts';
import { MAX_TEXT_LENGTH } from '../limits.ts';
import { looksLikeSecret } from '../secret-reference.ts';
import { ID_RULE, isId } from '../workflow-id.ts';
import { jsonOf } from './data.ts';
import type { RepairList } from './repair-list.ts';

/** An optional text, never empty. Missing, null and `''` are null. */
export function textOf(
  value: unknown,
  field: string,
  list: RepairList,
  { maxLength = MAX_TEXT_LENGTH, asJson = false }: { readonly maxLength?: number; readonly asJson?: boolean } = {},
): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string') return cleanedText(value, field, list, maxLength);
  const text = plainText(value) ?? (asJson ? wordsOf(value) : undefined);
  if (text === undefined || text === '') {
    list.repaired(field, `${kindOf(value)}: null is sent; send a text`);
    return null;
  }
  list.repaired(field, `${kindOf(value)}: sent as text`);
  return cleanedText(text, field, list, maxLength);
}

/** A text within `maxLength` characters, without U+0000 and lone surrogates. */
function cleanedText(text: string, field: string, list: RepairList, maxLength: number): string {
  if (text.length > maxLength) {
    list.repaired(field, `${kindOf(text)}: cut off; at most ${maxLength} characters are sent`);
  }
  const cut = cutText(text, maxLength);
  const clean = cleanText(cut);
  if (clean !== cut) list.repaired(field, 'U+0000 or half a character became U+FFFD');
  return clean;
}

/** The first `maxLength` characters at most; never half of one. */
function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const isSplit = /[\uD800-\uDBFF]/.test(text[maxLength - 1] ?? '') && /[\uDC00-\uDFFF]/.test(text[maxLength] ?? '');
  return text.slice(0, isSplit ? maxLength - 1 : maxLength);
}

const LOST_DIGITS =
  'beyond 2^53 or as a fraction its digits may be wrong, and another id may have become the same; send the id as text';

/** What an id is read as: the id, or what is wrong. */
export type ReadId = { readonly id: string } | { readonly problem: string };

/** A required id. Numbers become text. */
export function idOf(value: unknown, field: string, list: RepairList): ReadId {
  if (value === undefined || value === null || value === '') return { problem: `missing; it must be ${ID_RULE}` };
  const text = typeof value === 'string' ? value : typeof value === 'boolean' ? undefined : plainText(value);
  if (text === undefined || !isId(text)) return { problem: `${kindOf(value)}: it must be ${ID_RULE}` };
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    list.repaired(field, `${kindOf(value)}: sent as text; ${LOST_DIGITS}`);
  } else if (typeof value !== 'string') {
    list.repaired(field, `${kindOf(value)}: sent as text`);
  }
  return { id: cleanedText(text, field, list, text.length) };
}

/** An optional id. What cannot be an id is null: a wrong one would be worse. `effect`: what that causes, to be told. */
export function optionalIdOf(value: unknown, field: string, list: RepairList, effect?: string): string | null {
  if (value === undefined || value === null || value === '') return null;
  const read = idOf(value, field, list);
  if ('id' in read) return read.id;
  list.repaired(field, `${read.problem}; null is sent${effect === undefined ? '' : `, and ${effect}`}`);
  return null;
}

/** A short text of letters as it came, in quotes: the words of a list are no personal data. Else its kind. */
export function shownWord(value: unknown): string {
  if (value === undefined) return 'missing';
  const isWord = typeof value === 'string' && /^[a-z][a-z._ -]{0,39}$/i.test(value) && !looksLikeSecret(value);
  return isWord ? JSON.stringify(value) : kindOf(value);
}

function plainText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The message of an error, or any other object as JSON. */
function wordsOf(value: unknown): string | undefined {
  try {
    const { message } = value as { readonly message?: unknown };
    if (Object.prototype.toString.call(value) === '[object Error]' && typeof message === 'string') return message;
  } catch {
    return undefined;
  }
  return jsonOf(value);
}

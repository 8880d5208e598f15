/**
 * Makes free data sendable: a plain copy in which JSON changes nothing more. What JSON cannot carry is replaced or
 * left out, and told. Getters may throw, and the data may be endless: the work is bounded by the number of values
 * and of their characters. Pure.
 */
import { cleanText, isPlain, kindOf } from '../canonical-json.ts';
import { utf8Bytes } from '../byte-length.ts';
import { MAX_DATA_DEPTH, MAX_METADATA_BYTES, MAX_METADATA_KEYS } from '../limits.ts';
import { isRecord, keysOf, readField, UNREADABLE } from './read-fields.ts';
import type { RepairList } from './repair-list.ts';

/** Most bytes of metadata that are sent, as Temporal carries them: JSON in a JSON string. Ten endpoints each get a
 *  copy, and one workflow task has at most 3 MiB. */
export const MAX_SENT_METADATA_BYTES = 98_304;

/** The metadata of a call or campaign. Missing is `{}`, and so is what is no object. JSON text of an object is
 *  read. */
export function metadataOf(value: unknown, list: RepairList): Record<string, unknown> {
  if (value === undefined || value === null || value === '') return {};
  const given = typeof value === 'string' ? parsedObject(value) : value;
  if (!isRecord(given)) {
    list.repaired('metadata', `${kindOf(value)}: {} is sent; send a plain object`);
    return {};
  }
  if (given !== value) list.repaired('metadata', `${kindOf(value)}: read as JSON`);
  const walk = new DataWalk(list);
  const data = walk.copyOf(given, 'metadata');
  const text = walk.isTooLarge ? '' : JSON.stringify(data);
  if (walk.isTooLarge || utf8Bytes(JSON.stringify(text)) > MAX_SENT_METADATA_BYTES) {
    list.repaired('metadata', `larger than ${MAX_SENT_METADATA_BYTES} bytes can carry: {} is sent`);
    return {};
  }
  if (!isRecord(data)) {
    list.repaired('metadata', `${kindOf(given)}: {} is sent; send a plain object`);
    return {};
  }
  tellSize(data, utf8Bytes(text), list);
  return data as Record<string, unknown>;
}

/** Any value as JSON text, repaired in the same way but without a word. Undefined if it is too large. */
export function jsonOf(value: unknown): string | undefined {
  const walk = new DataWalk(undefined);
  const data = walk.copyOf(value, '');
  return walk.isTooLarge || data === undefined ? undefined : JSON.stringify(data);
}

function parsedObject(text: string): unknown {
  try {
    return text.length > MAX_SENT_METADATA_BYTES ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tellSize(data: object, bytes: number, list: RepairList): void {
  const keys = Object.keys(data).length;
  if (keys > MAX_METADATA_KEYS) {
    list.odd(
      'metadata',
      `an object of ${keys} keys: sent whole; at most ${MAX_METADATA_KEYS} are promised to receivers`,
    );
  }
  if (bytes > MAX_METADATA_BYTES) {
    const problem = `an object of ${bytes} bytes as JSON: sent whole; at most ${MAX_METADATA_BYTES} are promised`;
    list.odd('metadata', `${problem} to receivers`);
  }
}

/** Each value takes at least two bytes of JSON with its comma. */
const MAX_VALUES = MAX_SENT_METADATA_BYTES / 2;
/** Places that are told one by one; the rest is counted. */
const MAX_TOLD = 5;

/** Copies one value. Stops when the copy cannot be carried. */
class DataWalk {
  /** Whether the data is larger than can be sent. The copy is then worth nothing. */
  isTooLarge = false;
  #valuesLeft = MAX_VALUES;
  /** Each character takes at least one byte. */
  #charactersLeft = MAX_SENT_METADATA_BYTES;
  #told = 0;
  readonly #ancestors = new Set<object>();
  readonly #list: RepairList | undefined;

  constructor(list: RepairList | undefined) {
    this.#list = list;
  }

  /** The copy. Undefined for what has no place in JSON, as a function. */
  copyOf(value: unknown, path: string): unknown {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) this.isTooLarge = true;
    if (this.isTooLarge) return undefined;
    if (typeof value === 'string') return this.#text(value, path);
    if (typeof value === 'number') return this.#number(value, path);
    if (typeof value === 'boolean' || value === null || value === undefined) return value;
    if (typeof value === 'bigint')
      return this.#changed(this.#text(String(value), path), path, 'a bigint: sent as text');
    if (value === UNREADABLE) return this.#changed(undefined, path, 'reading it throws an error: left out');
    if (typeof value === 'object') return this.#object(value, path);
    return this.#changed(undefined, path, `${kindOf(value)}: left out`);
  }

  #text(text: string, path: string): string {
    this.#charactersLeft -= text.length;
    if (this.#charactersLeft < 0) this.isTooLarge = true;
    if (this.isTooLarge) return '';
    const clean = cleanText(text);
    return clean === text ? text : this.#changed(clean, path, 'U+0000 or half a character became U+FFFD');
  }

  #number(value: number, path: string): number | null {
    if (!Number.isFinite(value)) return this.#changed(null, path, `${kindOf(value)}: null is sent`);
    if (Object.is(value, -0)) return this.#changed(0, path, 'negative zero: 0 is sent');
    if (value !== 0 && !isPortable(value)) {
      this.#tell('odd', path, `${kindOf(value)}: some receivers read another number; send a text`);
    }
    return value;
  }

  #object(value: object, path: string): unknown {
    if (this.#ancestors.has(value)) return this.#changed(null, path, 'an object that contains itself: null is sent');
    if (this.#ancestors.size >= MAX_DATA_DEPTH) {
      return this.#changed(null, path, `${kindOf(value)}: null is sent; at most ${MAX_DATA_DEPTH} levels`);
    }
    this.#ancestors.add(value);
    try {
      return this.#contents(value, path);
    } catch {
      return this.#changed(null, path, `${kindOf(value)}: reading it throws an error, so null is sent`);
    } finally {
      this.#ancestors.delete(value);
    }
  }

  #contents(value: object, path: string): unknown {
    if (Array.isArray(value)) return this.#items(value, path);
    if (isPlain(value)) return this.#properties(value, path);
    const plain = plainForm(value);
    this.#tell('repaired', path, `${kindOf(value)}: sent as ${kindOf(plain)}`);
    if (typeof plain !== 'object' || plain === null) return this.copyOf(plain, path);
    return Array.isArray(plain) ? this.#items(plain, path) : this.#properties(plain, path);
  }

  #items(items: readonly unknown[], path: string): unknown[] {
    const copy: unknown[] = [];
    if (items.length > this.#valuesLeft) this.isTooLarge = true;
    for (let index = 0; index < items.length && !this.isTooLarge; index += 1) {
      const at = `${path}[${index}]`;
      const raw = readField(items, index);
      if (raw === undefined) this.#tell('repaired', at, 'undefined: null is sent');
      // null keeps the place of what JSON cannot carry.
      copy.push(this.copyOf(raw, at) ?? null);
    }
    return copy;
  }

  #properties(value: object, path: string): Record<string, unknown> {
    const keys = keysOf(value);
    if (keys.length > this.#valuesLeft) this.isTooLarge = true;
    const copy: Record<string, unknown> = {};
    for (const key of keys) {
      if (this.isTooLarge) break;
      const at = `${path}.${shownKey(key)}`;
      const clean = this.#text(key, at);
      if (clean === '__proto__') {
        this.#tell('repaired', at, 'left out: this key pollutes prototypes at careless receivers');
      } else if (Object.hasOwn(copy, clean)) {
        this.#tell('repaired', at, 'left out: another key is the same once it is cleaned');
      } else {
        const item = this.copyOf(readField(value, key), at);
        if (item !== undefined) copy[clean] = item;
      }
    }
    return copy;
  }

  #changed<T>(replacement: T, path: string, problem: string): T {
    this.#tell('repaired', path, problem);
    return replacement;
  }

  #tell(how: 'repaired' | 'odd', path: string, problem: string): void {
    this.#told += 1;
    const field = path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path;
    if (this.#told <= MAX_TOLD) this.#list?.[how](field, problem);
    else if (this.#told === MAX_TOLD + 1) this.#list?.[how]('metadata', 'more places of this kind');
  }
}

const MAX_PATH = 120;

/** Keys of customers may be personal data, such as phone numbers. Names as programs have them are shown. */
function shownKey(key: string): string {
  return /^[a-z_][a-z0-9_]{0,39}$/i.test(key) ? key : '…';
}

/** Whether every language reads and writes this number alike. */
function isPortable(value: number): boolean {
  if (Number.isInteger(value)) return Number.isSafeInteger(value);
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e15;
}

/** What stands for a class instance: what it writes itself, else what it holds. May throw. */
function plainForm(value: object): unknown {
  const { toJSON } = value as { readonly toJSON?: unknown };
  // Bytes have no place in JSON.
  if (ArrayBuffer.isView(value)) return null;
  if (typeof toJSON === 'function') return toJSON.call(value);
  // By their tag, since instances of another realm are no instances of our classes.
  switch (Object.prototype.toString.call(value)) {
    case '[object Map]':
      return Object.fromEntries(
        limited(Map.prototype.entries.call(value)).filter((entry): entry is [string, unknown] => isNamed(entry)),
      );
    case '[object Set]':
      return limited(Set.prototype.values.call(value));
    case '[object Error]':
      return (value as Error).message;
    case '[object Number]':
    case '[object String]':
    case '[object Boolean]':
      return value.valueOf();
    default:
      return { ...value };
  }
}

function isNamed([key]: readonly unknown[]): boolean {
  return typeof key === 'string';
}

/** The items, but no more than could be sent. */
function limited<T>(items: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.push(item) > MAX_VALUES) break;
  }
  return taken;
}

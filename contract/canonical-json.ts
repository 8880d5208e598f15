/**
 * The canonical form of JSON: one compact `JSON.stringify` whose bytes stay the same when parsed and written again.
 * The vendor's sample code verifies the signature over `JSON.stringify(req.body)`. So data whose bytes would change
 * is refused. The schemas use it. Pure.
 */
import { MAX_DATA_DEPTH, MAX_METADATA_BYTES } from './limits.ts';

/** One place in the caller's data that breaks the canonical form. `kind`: what stands there. `rule`: what is
 *  allowed. */
export type DataProblem = { readonly path: readonly (string | number)[]; readonly kind: string; readonly rule: string };

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** What kind of value this is, in words for an error message. Never the value itself: it may be personal data. It
 *  never throws, also not for a revoked proxy. */
export function kindOf(value: unknown): string {
  try {
    return kindOfReadable(value);
  } catch {
    return 'an object that cannot be read';
  }
}

function kindOfReadable(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return numberKind(value);
  if (typeof value === 'string') return value === '' ? 'an empty string' : `a string of ${value.length} characters`;
  if (typeof value === 'object') return isPlain(value) ? 'an object' : `an instance of ${className(value)}`;
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}

/** The places in `value` that break the canonical form, at most 50; empty when there are none. It ends soon on any
 *  input. An object that contains itself is a problem too, and so is one that unfolds into billions of values. */
export function dataProblems(value: unknown, path: readonly (string | number)[] = []): DataProblem[] {
  const walk: Walk = { problems: [], ancestors: new Set(), valuesLeft: MAX_VALUES };
  inspect(value, path, walk);
  return walk.problems;
}

/** `text` with lone surrogates and U+0000 replaced by U+FFFD, because databases and strict parsers refuse both. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}

/** Each value takes at least one byte of JSON, so more values than this exceed MAX_METADATA_BYTES. */
const MAX_VALUES = MAX_METADATA_BYTES;
/** At most this many problems are reported. A list of ten thousand NaN is one mistake. */
const MAX_PROBLEMS = 50;

type Path = readonly (string | number)[];
type Walk = { readonly problems: DataProblem[]; readonly ancestors: Set<object>; valuesLeft: number };

function inspect(value: unknown, path: Path, walk: Walk): void {
  walk.valuesLeft -= 1;
  if (Array.isArray(value) && value.length > walk.valuesLeft) walk.valuesLeft = -1;
  const rule = walk.valuesLeft < 0 ? `at most ${MAX_VALUES} values in all` : brokenRule(value, walk);
  if (rule !== undefined) {
    walk.problems.push({ path, kind: kindOf(value), rule });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  walk.ancestors.add(value);
  const keys = Array.isArray(value) ? value.keys() : ownKeys(value, path, walk);
  for (const key of keys) {
    if (walk.problems.length >= MAX_PROBLEMS || walk.valuesLeft < 0) break;
    inspectEntry(key, (value as Record<string | number, unknown>)[key], [...path, key], walk);
  }
  walk.ancestors.delete(value);
}

function inspectEntry(key: string | number, item: unknown, path: Path, walk: Walk): void {
  if (typeof key === 'string' && FORBIDDEN_KEYS.has(key)) {
    const rule = `the key ${key} is refused: it pollutes prototypes at careless receivers`;
    walk.problems.push({ path, kind: kindOf(item), rule });
  } else if (typeof key === 'number' || item !== undefined) {
    // JSON leaves an undefined property out, which changes nothing. An undefined item of a list would become null.
    inspect(item, path, walk);
  }
}

/** The keys of an object. A million of them are refused before their values are read. */
function ownKeys(value: object, path: Path, walk: Walk): readonly string[] {
  const keys = Object.keys(value);
  if (keys.length <= walk.valuesLeft) return keys;
  walk.problems.push({ path, kind: `an object of ${keys.length} keys`, rule: `at most ${MAX_VALUES} values in all` });
  walk.valuesLeft = -1;
  return [];
}

function brokenRule(value: unknown, { ancestors }: Walk): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return brokenNumberRule(value);
    case 'object':
      if (value === null) return undefined;
      if (ancestors.has(value)) return 'an object that contains itself has no JSON';
      // The root object is level 1.
      if (ancestors.size >= MAX_DATA_DEPTH) return `at most ${MAX_DATA_DEPTH} levels deep`;
      return Array.isArray(value) || isPlain(value)
        ? undefined
        : 'plain objects only; turn dates and class instances into strings or numbers';
    default:
      return 'JSON cannot carry it; use a string, a number, a boolean, null, an array or an object';
  }
}

function brokenNumberRule(value: number): string | undefined {
  if (!Number.isFinite(value)) return 'numbers must be finite';
  if (Object.is(value, -0)) return 'negative zero becomes 0 in JSON; send 0';
  if (Number.isInteger(value))
    return Number.isSafeInteger(value) ? undefined : 'integers must lie within ±(2^53 - 1); send a string';
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e15
    ? undefined
    : 'fractions must have a size from 0.0001 to below 1e15: others are written with exponents; send a string';
}

function numberKind(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(value, -0)) return 'negative zero';
  return Number.isInteger(value) ? 'an integer' : 'a fraction';
}

/** Whether `value` is a plain object, of this realm or another: its prototype is null or has no prototype itself. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function className(value: object): string {
  const maker: unknown = value.constructor;
  const name: unknown = typeof maker === 'function' ? maker.name : undefined;
  return typeof name === 'string' && /^[\w$]{1,60}$/.test(name) ? name : 'a class';
}

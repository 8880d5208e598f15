/**
 * The canonical form: one compact `JSON.stringify`, which survives parsing and rendering again byte for byte, in any
 * language. The vendor's sample verifies `JSON.stringify(req.body)`, so data that would come back different is refused at
 * the door. Used by the schemas (own data) and by render-body (text of artifacts). Pure.
 */
import { MAX_DATA_DEPTH } from './limits.ts';

/** Something in the caller's data that JSON cannot carry unchanged. */
export type DataProblem = { readonly path: readonly (string | number)[]; readonly kind: string; readonly rule: string };

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** What a value is, in words fit for an error message: never the value itself. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return numberKind(value);
  if (typeof value === 'string') return value === '' ? 'an empty string' : `a string of ${value.length} characters`;
  if (typeof value === 'object') return isPlain(value) ? 'an object' : `an instance of ${className(value)}`;
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}

/** Every place in `value` that breaks the canonical form, with the rule it breaks; empty where all is well. */
export function dataProblems(value: unknown, path: readonly (string | number)[] = []): DataProblem[] {
  const problem = (rule: string): DataProblem[] => [{ path, kind: kindOf(value), rule }];
  // The root object is depth 1. Stops cycles too.
  if (typeof value === 'object' && value !== null && path.length >= MAX_DATA_DEPTH + 1)
    return problem(`at most ${MAX_DATA_DEPTH} levels deep`);
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return [];
    case 'number':
      return numberProblem(value, problem);
    case 'object':
      if (value === null) return [];
      if (Array.isArray(value)) return Array.from(value, (item, index) => dataProblems(item, [...path, index])).flat();
      if (!isPlain(value)) return problem('plain objects only; turn dates and class instances into strings or numbers');
      return Object.entries(value).flatMap(([key, item]) => entryProblems(key, item, [...path, key]));
    default:
      return problem('JSON cannot carry it; use a string, a number, a boolean, null, an array or an object');
  }
}

/** `text` with lone surrogates and U+0000 replaced by U+FFFD: databases and strict parsers refuse both. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}

/** Length of `text` in UTF-8, in bytes. TextEncoder would copy a megabyte to measure it. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x8_00) bytes += 2;
    else if (unit >= 0xd8_00 && unit < 0xdc_00 && isLowSurrogate(text.charCodeAt(index + 1))) {
      bytes += 4;
      index += 1;
    } else bytes += 3;
  }
  return bytes;
}

function entryProblems(key: string, item: unknown, path: readonly (string | number)[]): DataProblem[] {
  if (FORBIDDEN_KEYS.has(key))
    return [
      { path, kind: kindOf(item), rule: `the key ${key} is refused: it pollutes prototypes at careless receivers` },
    ];
  // An undefined property is simply not there, in JSON as in JavaScript.
  return item === undefined ? [] : dataProblems(item, path);
}

function numberProblem(value: number, problem: (rule: string) => DataProblem[]): DataProblem[] {
  if (!Number.isFinite(value)) return problem('numbers must be finite');
  if (Object.is(value, -0)) return problem('negative zero becomes 0 in JSON; send 0');
  if (Number.isInteger(value))
    return Number.isSafeInteger(value) ? [] : problem('integers must lie within ±(2^53 - 1); send a string');
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e15
    ? []
    : problem('fractions must have a size from 0.0001 to below 1e15: others are written with exponents; send a string');
}

function numberKind(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(value, -0)) return 'negative zero';
  return Number.isInteger(value) ? 'an integer' : 'a fraction';
}

/** Plain in any realm: its prototype is null, or is itself the root of a chain. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function className(value: object): string {
  const maker: unknown = value.constructor;
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'a class';
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc_00 && unit < 0xe0_00;
}

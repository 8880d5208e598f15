/** Reads a reported object once, field by field. Getters may throw, and a proxy may be revoked: what cannot be read
 *  counts as missing. Later code sees a plain copy. Pure. */
import { nearMisses } from './near-misses.ts';
import type { RepairList } from './repair-list.ts';

/** A plain copy of the named fields. */
export type RawFields<Name extends string> = Readonly<Partial<Record<Name, unknown>>>;

/** The fields `names` of `input`. `ignored` are known names that nobody reads; every other key that is almost one
 *  of the missing `names` is told. Undefined if `input` is no object. */
export function readFields<Name extends string>(
  input: unknown,
  names: readonly Name[],
  ignored: readonly string[],
  list: RepairList,
): RawFields<Name> | undefined {
  if (!isRecord(input)) return undefined;
  const fields: Partial<Record<Name, unknown>> = {};
  for (const name of names) {
    const read = readField(input, name);
    if (read === UNREADABLE) list.repaired(name, 'reading it throws an error: taken as missing');
    else if (read !== undefined) fields[name] = read;
  }
  const missing = names.filter((name) => fields[name] === undefined);
  for (const { key, meant } of nearMisses(keysOf(input), [...names, ...ignored], missing)) {
    list.unknownField(key, `is no field, ${meant} is: it is ignored`);
  }
  return fields;
}

/** Stands for a field that throws when it is read. */
export const UNREADABLE = Symbol('unreadable');

/** The field, or `UNREADABLE`. */
export function readField(value: object, name: string | number): unknown {
  try {
    return (value as Record<string | number, unknown>)[name];
  } catch {
    return UNREADABLE;
  }
}

/** The object's own keys; none if they cannot be read. */
export function keysOf(value: object): readonly string[] {
  try {
    return Object.keys(value);
  } catch {
    return [];
  }
}

/** Whether `value` is an object and no list. False for a revoked proxy, of which nobody knows. */
export function isRecord(value: unknown): value is object {
  try {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Whether `value` is a list. False for a revoked proxy, of which nobody knows. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

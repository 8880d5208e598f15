/** Optional fields of an object literal. Under `exactOptionalPropertyTypes` a field without a value must be absent. */

/** The fields that have a value. Fields that are `undefined` are left out; null is a value.
 *  { number: 1, ...given({ status, code }) } with status 503 and no code → { number: 1, status: 503 } */
export function given<T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}

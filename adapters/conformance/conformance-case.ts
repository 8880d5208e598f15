/** One sentence that an adapter must make true. */
import assert from 'node:assert/strict';

/** `run` resolves where the adapter does it, and rejects with an AssertionError (`node:assert`) where it does not. */
export type ConformanceCase = { readonly name: string; readonly run: () => Promise<void> };

/** Binds cases to the thing under test. */
export function casesFor<T>(
  open: () => Promise<T> | T,
  checks: Readonly<Record<string, (subject: T) => Promise<void>>>,
): readonly ConformanceCase[] {
  return Object.entries(checks).map(([name, check]) => ({ name, run: async () => check(await open()) }));
}

/** Asserts that two values are the same JSON. Not deepEqual on the values themselves: test runners with realms of their own
 *  (Jest) give what `structuredClone` made another Object.prototype. */
export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  assert.deepEqual(toJson(actual), toJson(expected), message);
}

function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

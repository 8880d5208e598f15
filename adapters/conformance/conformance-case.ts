/** What a suite is made of: named cases. */
import assert from 'node:assert/strict';

/** One case. `name` says what the adapter must do. `run` resolves if it does, and rejects with an AssertionError of
 *  `node:assert` if it does not. */
export type ConformanceCase = { readonly name: string; readonly run: () => Promise<void> };

/** Makes cases out of checks. Each case opens the subject anew. */
export function casesFor<T>(
  open: () => Promise<T> | T,
  checks: Readonly<Record<string, (subject: T) => Promise<void>>>,
): readonly ConformanceCase[] {
  return Object.entries(checks).map(([name, check]) => ({ name, run: async () => check(await open()) }));
}

/** Asserts that two values are the same JSON. It does not compare the values themselves: in a test runner with its own
 *  realm (Jest), objects made by `structuredClone` have another Object.prototype. */
export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  assert.deepEqual(toJson(actual), toJson(expected), message);
}

function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

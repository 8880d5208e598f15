/**
 * Checks the names of options where JavaScript would take a misspelt one in silence. Adapters, receiver and worker use
 * it. Pure.
 */

/** Throws TypeError if `options` is no object or has a name that is not among `known`. Names no value. */
export function checkOptionNames(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${what}: pass { ${known.join(', ')} }`);
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new TypeError(`${what}: unknown option ${unknown.join(', ')}; known are ${known.join(', ')}`);
}

/** Throws TypeError if `value` has no function with this name, own or inherited. `fix` says what to pass. */
export function checkMethod(what: string, value: unknown, name: string, fix: string): void {
  if (typeof (value as Readonly<Record<string, unknown>> | null | undefined)?.[name] === 'function') return;
  throw new TypeError(`${what}: ${fix}`);
}

/** The environment as an argument, and the one rule for reading it. */

/** Variables by name. Only `main.ts` and the tests read `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The value; undefined where the variable is missing or empty. An empty one counts as unset, because shells and
 *  compose files cannot tell the two apart. */
export function filled(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** One rule for every variable of the command line: an empty one counts as unset, since shells and compose files cannot tell
 *  the two apart. */

/** The value, or undefined where it is empty or not there. */
export function filled(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

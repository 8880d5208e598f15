/** How much a port in memory keeps. Pure. */
import { checkOptionNames } from '../contract/known-options.ts';

/** About 10 MB of records. */
const DEFAULT_CAPACITY = 10_000;

/** The option `name`, the only one that `what` has; default 10,000. Throws TypeError for another option, and RangeError
 *  for what is no whole number from 1 up. */
export function capacityIn<Name extends string>(
  what: string,
  options: { readonly [Key in Name]?: number },
  name: Name,
): number {
  checkOptionNames(what, options, [name]);
  const { [name]: capacity = DEFAULT_CAPACITY } = options;
  if (Number.isSafeInteger(capacity) && capacity >= 1) return capacity;
  throw new RangeError(`${what}: ${name} is ${capacity}; it must be a whole number from 1 up`);
}

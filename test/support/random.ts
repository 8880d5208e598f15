/** Numbers that look random and depend only on a seed, so that a failed run can be repeated. */

export type Random = {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  chance(probability: number): boolean;
  /** One of a list that is not empty. */
  oneOf<T>(list: readonly T[]): T;
  /** A key of `weights`, chosen as often as its weight says: `{ rare: 1, common: 9 }`. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
};

/** mulberry32: small, and good enough to choose faults with. The same seed gives the same numbers. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (least, most) => Math.round(least + next() * (most - least)),
    chance: (probability) => next() < probability,
    oneOf: (list) => must(list[Math.floor(next() * list.length)]),
    weighted: <K extends string>(weights: Readonly<Record<K, number>>): K => {
      const entries = Object.entries(weights) as [K, number][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      const [key] = must(entries.find(([, weight]) => (left -= weight) < 0) ?? entries.at(-1));
      return key;
    },
  };
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is nothing to choose from');
  return value;
}

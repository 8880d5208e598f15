/** Numbers that look random and follow from a seed alone, so that a soak that failed can be asked for again. */

/** mulberry32: small, and good enough to choose faults with. Same seed, same numbers. */
export function randomOf(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least, most) => Math.round(least + next() * (most - least));
  return {
    /** From 0 up to 1. */
    next,
    /** A whole number, both ends included. */
    between,
    chance: (probability) => next() < probability,
    oneOf: (list) => list[Math.floor(next() * list.length)],
    /** A key of `weights`, as often as its weight says: `{ rare: 1, common: 9 }`. */
    weighted: (weights) => {
      const entries = Object.entries(weights);
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      return (entries.find(([, weight]) => (left -= weight) < 0) ?? entries.at(-1))[0];
    },
  };
}

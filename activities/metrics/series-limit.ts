/** Keeps the number of label sets of one counter below a limit, for as long as the process lives. */
import { OTHER } from './metric-table.ts';

export type Labels = Readonly<Record<string, string>>;

/** One step: labels to give up, once `above` label sets exist. */
export type GivingUp = { readonly above: number; readonly labels: readonly string[] };

export class SeriesLimit {
  readonly #steps: readonly GivingUp[];
  readonly #seen = new Set<string>();

  /** The steps in their order. What is left after the last one must be few sets by itself. */
  constructor(steps: readonly GivingUp[]) {
    this.#steps = steps;
  }

  /** The labels, or with `other` for those that have to be given up. A set that exists is always kept. */
  fit(labels: Labels): Labels {
    let fitting = labels;
    for (const { above, labels: given } of this.#steps) {
      if (this.#seen.has(keyOf(fitting))) return fitting;
      if (this.#seen.size < above) break;
      fitting = withOther(fitting, given);
    }
    this.#seen.add(keyOf(fitting));
    return fitting;
  }
}

function withOther(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name, names.includes(name) ? OTHER : value]),
  );
}

function keyOf(labels: Labels): string {
  return Object.values(labels).join('|');
}

/** A list that keeps its first items and counts the others. What people read, and what a run carries, has to be short.
 *  Pure. */
export class FirstFew<T> {
  readonly #most: number;
  readonly #more: (count: number) => T;
  readonly #kept: T[] = [];
  #others = 0;

  /** `more` makes the last item, which stands for those that were only counted. */
  constructor(most: number, more: (count: number) => T) {
    this.#most = most;
    this.#more = more;
  }

  add(item: T): void {
    if (this.#kept.length < this.#most) this.#kept.push(item);
    else this.#others += 1;
  }

  /** The items that were kept, without the last one. */
  get kept(): readonly T[] {
    return this.#kept;
  }

  get all(): readonly T[] {
    return this.#others === 0 ? this.#kept : [...this.#kept, this.#more(this.#others)];
  }
}

/**
 * The attempts of one delivery, those that never reported included. The workflow keeps it while the run goes on, the client makes
 * it anew out of the history: both tell the same. Pure: the time comes in.
 */
import { lostAttemptAt, timedAttempt } from './attempt-times.ts';
import type { Attempt, AttemptTrigger } from './delivery-state.ts';
import { attemptsIn } from './retry-schedule.ts';
import type { AttemptReport } from './run-messages.ts';

export class AttemptLedger {
  readonly #retryDelaysMs: readonly number[];
  readonly #attempts = new Map<number, Attempt>();
  /** What made an attempt go, by its number, where it was not the ladder. */
  readonly #triggers = new Map<number, { readonly trigger: AttemptTrigger; readonly atMs: number | undefined }>();

  constructor(retryDelaysMs: readonly number[]) {
    this.#retryDelaysMs = retryDelaysMs;
  }

  /** The highest attempt known; attempts below it that never reported count as made. */
  get made(): number {
    return Math.max(0, ...this.#attempts.keys());
  }

  get attempts(): Attempt[] {
    return [...this.#attempts.values()].toSorted((one, other) => one.number - other.number);
  }

  /** Notes what makes attempt `number` go, and when, in case it never reports. */
  triggered(number: number, trigger: AttemptTrigger, atMs: number | undefined): void {
    this.#triggers.set(number, { trigger, atMs });
  }

  /** Enters what the activity told of an attempt at `toldAtMs`. False: it had told before, by signal or by its failure; the
   *  first time is the truer one. */
  enter(report: AttemptReport, toldAtMs: number): boolean {
    const { number, outcome } = report.attempt;
    if (this.#attempts.get(number)?.outcome === outcome) return false;
    this.assumeMade(number - 1, toldAtMs);
    this.#attempts.set(number, timedAttempt(report, this.#attempts.get(number - 1), toldAtMs));
    return true;
  }

  /** Enters attempts up to `number` that never reported as `unknown`: their worker was killed or cut off. They started when they
   *  were scheduled or due, as far as that is known, else at `elseMs`. */
  assumeMade(number: number, elseMs: number): void {
    const total = Math.min(number, attemptsIn(this.#retryDelaysMs));
    for (let each = 1; each <= total; each += 1) {
      if (this.#attempts.has(each)) continue;
      const { trigger = 'schedule', atMs } = this.#triggers.get(each) ?? {};
      const due = atMs === undefined ? lostAttemptAt(this.#attempts.get(each - 1), this.#retryDelaysMs) : undefined;
      const startedAt = due ?? new Date(atMs ?? elseMs).toISOString();
      this.#attempts.set(each, { number: each, trigger, startedAt, durationMs: 0, outcome: 'unknown' });
    }
  }
}

/** No attempt follows the last one of a delivery that has ended, whatever it announced. */
export function withoutNext(attempts: readonly Attempt[]): Attempt[] {
  return attempts.map((attempt, index) => {
    if (index < attempts.length - 1) return attempt;
    const { nextAttemptAt: _none, ...last } = attempt;
    return last;
  });
}

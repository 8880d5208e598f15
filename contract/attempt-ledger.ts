/** The attempts of one delivery, including those that never reported. Part of a `Delivery`. Pure: times are
 *  arguments. */
import { lostAttemptAt, timedAttempt } from './attempt-times.ts';
import type { Attempt, AttemptTrigger } from './delivery-state.ts';
import { attemptsIn } from './retry-schedule.ts';
import type { AttemptReport } from './run-messages.ts';

export class AttemptLedger {
  readonly #retryDelaysMs: readonly number[];
  readonly #attempts = new Map<number, Attempt>();
  /** By attempt number: what made the attempt go, and when. */
  readonly #triggers = new Map<number, { readonly trigger: AttemptTrigger; readonly atMs: number | undefined }>();

  #sent: Pick<AttemptReport, 'bodyBytes' | 'bodySha256'> | undefined;

  constructor(retryDelaysMs: readonly number[]) {
    this.#retryDelaysMs = retryDelaysMs;
  }

  /** The highest known attempt number. Attempts below it that never reported count as made. */
  get made(): number {
    return Math.max(0, ...this.#attempts.keys());
  }

  /** Size in bytes and SHA-256 of the body, from the last report. */
  get sent(): Pick<AttemptReport, 'bodyBytes' | 'bodySha256'> | undefined {
    return this.#sent;
  }

  attempt(number: number): Attempt | undefined {
    return this.#attempts.get(number);
  }

  get attempts(): Attempt[] {
    return [...this.#attempts.values()].toSorted((one, other) => one.number - other.number);
  }

  /** Notes what makes attempt `number` go, and when, in case it never reports. */
  triggered(number: number, trigger: AttemptTrigger, atMs: number | undefined): void {
    this.#triggers.set(number, { trigger, atMs });
  }

  /** Enters the report of an attempt that arrived at `toldAtMs`. Returns false for a duplicate. Each failed attempt
   *  reports twice, by signal and by its failure; the earlier time is kept. */
  enter(report: AttemptReport, toldAtMs: number): boolean {
    const { number, outcome } = report.attempt;
    this.#sent = { bodyBytes: report.bodyBytes, bodySha256: report.bodySha256 };
    if (this.#attempts.get(number)?.outcome === outcome) return false;
    this.assumeMade(number - 1, toldAtMs);
    this.#attempts.set(number, timedAttempt(report, this.#attempts.get(number - 1), toldAtMs));
    return true;
  }

  /** Enters each attempt up to `number` that never reported as `unknown`: its worker was killed or cut off. Its start
   *  is the time it was scheduled or due. If neither is known, it is `elseMs`. */
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

/** The attempts of a delivery that has ended. Its last attempt may have announced a next one, which will not come:
 *  that time is left out. */
export function withoutNext(attempts: readonly Attempt[]): Attempt[] {
  return attempts.map((attempt, index) => {
    if (index < attempts.length - 1) return attempt;
    const { nextAttemptAt: _none, ...last } = attempt;
    return last;
  });
}

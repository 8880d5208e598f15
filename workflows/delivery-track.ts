/**
 * What a run knows of one delivery while it runs: attempts, the wait it is in, whether somebody asked to stop or hurry.
 * Temporal keeps only the last failure of a retrying activity, so this ledger is the memory of all others.
 */
import { CancellationScope } from '@temporalio/workflow';
import { AttemptLedger, withoutNext } from '../contract/attempt-ledger.ts';
import type {
  Attempt,
  AttemptTrigger,
  DeliveryOutcome,
  DeliveryState,
  DeliveryStatus,
  LiveState,
} from '../contract/delivery-state.ts';
import type { Endpoint } from '../contract/endpoints.ts';
import { attemptsIn } from '../contract/retry-schedule.ts';
import type { AttemptReport, RetryNowRequest } from '../contract/run-messages.ts';

export class DeliveryTrack {
  readonly endpoint: Endpoint;
  readonly retryDelaysMs: readonly number[];
  cancelAsked = false;
  /** Size and hash of the body as an activity told them; unknown until an attempt was made. */
  sent: { readonly bodyBytes: number; readonly bodySha256: string } | undefined;
  readonly #ledger: AttemptLedger;
  #retrying = false;
  #final: DeliveryState | undefined;
  #reason: string | undefined;
  #scope: CancellationScope | undefined;
  #waitsUntilMs: number | undefined;
  #hurryAsked = false;
  /** Attempts made when the last retryNow was taken: one signal consumes one wait. */
  #hurriedAfter = 0;

  constructor(endpoint: Endpoint, retryDelaysMs: readonly number[]) {
    this.endpoint = endpoint;
    this.retryDelaysMs = retryDelaysMs;
    this.#ledger = new AttemptLedger(retryDelaysMs);
  }

  /** The highest attempt known; attempts below it that never reported count as made. */
  get attemptsMade(): number {
    return this.#ledger.made;
  }

  get isExhausted(): boolean {
    return this.attemptsMade >= attemptsIn(this.retryDelaysMs);
  }

  get attempts(): Attempt[] {
    return this.#final === undefined ? this.#ledger.attempts : withoutNext(this.#ledger.attempts);
  }

  /** Notes what makes the next attempt go, and when, in case it never reports. */
  triggered(trigger: AttemptTrigger): void {
    this.#ledger.triggered(this.attemptsMade + 1, trigger, Date.now());
  }

  /** Enters what the activity tells of an attempt; telling twice (signal and failure) changes nothing. */
  enter(report: AttemptReport): void {
    this.sent = { bodyBytes: report.bodyBytes, bodySha256: report.bodySha256 };
    if (!this.#ledger.enter(report, Date.now())) return;
    // By the workflow's clock: the activity's host may be minutes off.
    const { nextDelayMs } = report;
    this.#waitsUntilMs = nextDelayMs === undefined || this.cancelAsked ? undefined : Date.now() + nextDelayMs;
    this.#retrying ||= report.nextDelayMs !== undefined;
  }

  /** Enters attempts up to `number` that never reported as `unknown`: their worker was killed or cut off. */
  assumeMade(number: number): void {
    this.#ledger.assumeMade(number, Date.now());
  }

  /** Runs `work` so that a cancel or a retryNow can end it; they are told apart by `cancelAsked` and `takeHurry`. */
  async interruptible<T>(work: () => Promise<T>): Promise<T> {
    this.#scope = new CancellationScope({ cancellable: true });
    try {
      return await this.#scope.run(work);
    } finally {
      this.#scope = undefined;
    }
  }

  /** Announces a wait that the workflow itself sleeps. */
  waitFor(ms: number): void {
    this.#waitsUntilMs = Date.now() + ms;
    this.#retrying = true;
  }

  /** Stops the delivery. `attemptsMade`: what the canceller saw of attempts that could not report; their waiting activity
   *  ends without a word, so after the cancel nobody could tell any more. */
  cancel(attemptsMade = 0): void {
    this.assumeMade(attemptsMade);
    this.cancelAsked = true;
    // Where an attempt is in flight, none follows it.
    this.#waitsUntilMs = undefined;
    this.#scope?.cancel();
  }

  /** Takes a retryNow where an attempt waits, else does nothing. It waits between a reported failure and its announced next
   *  attempt; `attemptsMade` also tells of a wait after an attempt that could not report. */
  hurry({ attemptsMade }: RetryNowRequest): void {
    const announced = this.#waitsUntilMs !== undefined && Date.now() < this.#waitsUntilMs;
    const told = attemptsMade !== undefined && attemptsMade >= this.attemptsMade && attemptsMade > this.#hurriedAfter;
    if (this.#scope === undefined || this.cancelAsked || this.#hurryAsked || !(announced || told)) return;
    if (attemptsMade !== undefined && told) this.assumeMade(attemptsMade);
    if (this.isExhausted) return;
    this.#hurriedAfter = this.attemptsMade;
    this.#hurryAsked = true;
    this.#waitsUntilMs = undefined;
    this.#scope.cancel();
  }

  /** What is left, in ms, of a wait that began only after the last retryNow had been taken: an attempt had been made
   *  meanwhile. Undefined where there is none. */
  get waitBegunSinceHurryMs(): number | undefined {
    if (this.#waitsUntilMs === undefined || this.attemptsMade <= this.#hurriedAfter) return undefined;
    return Math.max(1, this.#waitsUntilMs - Date.now());
  }

  /** Whether a retryNow was taken since the last call. */
  takeHurry(): boolean {
    const asked = this.#hurryAsked;
    this.#hurryAsked = false;
    return asked;
  }

  /** Ends the delivery. */
  close(state: DeliveryState, reason?: string): void {
    this.#final = state;
    this.#reason = state === 'delivered' ? undefined : reason;
    this.#waitsUntilMs = undefined;
  }

  /** Whether the delivery has its final state. */
  get isClosed(): boolean {
    return this.#final !== undefined;
  }

  /** The final state. Throws before there is one: that would be a bug of the workflow. */
  outcome(): DeliveryOutcome {
    if (this.#final === undefined) throw new Error(`the delivery to ${this.endpoint.endpointId} has not ended yet`);
    return { ...this.#identity(), state: this.#final, attempts: this.attempts };
  }

  status(phase: LiveState): DeliveryStatus {
    const next = this.#waitsUntilMs === undefined ? {} : { nextAttemptAt: new Date(this.#waitsUntilMs).toISOString() };
    // Before its first failure, a delivery stands where the run stands.
    const state = this.#final ?? (this.#retrying ? 'retrying' : phase);
    return { ...this.#identity(), state, attempts: this.attempts, ...next };
  }

  #identity() {
    const { endpointId, host, webhookId } = this.endpoint;
    return { endpointId, host, webhookId, ...(this.#reason === undefined ? {} : { reason: this.#reason }) };
  }
}

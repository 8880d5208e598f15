/**
 * The life of one delivery, which is one event to one endpoint:
 *
 *   preparing → attempting(number, trigger) ⇄ waiting(untilMs) → ended(state, reason)
 *
 * It has two readers. The workflow feeds it as things happen. The client feeds it the same events from history. So both say the
 * same of a delivery. Pure: the time comes in.
 */
import { AttemptLedger, withoutNext } from './attempt-ledger.ts';
import type { AttemptTrigger, DeliveryOutcome, DeliveryState, DeliveryStatus, LiveState } from './delivery-state.ts';
import type { Endpoint } from './endpoints.ts';
import { given } from './given.ts';
import { FAILURE_TYPES } from './names.ts';
import { attemptsIn, waitAfter } from './retry-schedule.ts';
import type { AttemptReport, RetryNowSignal } from './run-messages.ts';

/** Where a delivery stands. */
export type DeliveryLife =
  /** The run settles, or fetches artifacts. */
  | { readonly is: 'preparing' }
  /** Attempt `number` is scheduled or in flight. A retryNow that was taken stands here as trigger. */
  | { readonly is: 'attempting'; readonly number: number; readonly trigger: AttemptTrigger }
  /** The attempt before has failed. `isOurs`: the workflow sleeps; else the activity's retry policy waits. */
  | { readonly is: 'waiting'; readonly untilMs: number; readonly isOurs: boolean }
  /** `isRecorded`: the delivery log has the end already. */
  | { readonly is: 'ended'; readonly state: DeliveryState; readonly reason?: string; readonly isRecorded: boolean };

/** How the activity of a delivery stopped without delivering. */
export type AttemptsStopped =
  /** It was cancelled while its next attempt waited; no attempt was in flight. */
  | { readonly how: 'cancelled' }
  /** Its last attempt failed. `isFinal`: the failure forbids a retry. `isAsked`: Temporal ended the retries since we asked. */
  | {
      readonly how: 'failed';
      readonly type?: string;
      readonly isFinal: boolean;
      readonly isAsked: boolean;
      readonly report?: AttemptReport;
    }
  /** Its last attempt never told an outcome. */
  | { readonly how: 'timed_out'; readonly isAsked: boolean };

export class Delivery {
  readonly endpoint: Endpoint;
  readonly retryDelaysMs: readonly number[];
  readonly #firstTrigger: AttemptTrigger;
  readonly #ledger: AttemptLedger;
  #life: DeliveryLife = { is: 'preparing' };
  #isCancelled = false;

  /** `firstTrigger`: `redelivery` in a run that delivers again, else `schedule`. */
  constructor(endpoint: Endpoint, retryDelaysMs: readonly number[], firstTrigger: AttemptTrigger = 'schedule') {
    this.endpoint = endpoint;
    this.retryDelaysMs = retryDelaysMs;
    this.#firstTrigger = firstTrigger;
    this.#ledger = new AttemptLedger(retryDelaysMs);
  }

  get life(): DeliveryLife {
    return this.#life;
  }

  get hasEnded(): boolean {
    return this.#life.is === 'ended';
  }

  /** A cancel was asked for. The delivery ends once an attempt in flight has told its outcome. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** The highest attempt that is known. Attempts below it that never reported count as made. */
  get attemptsMade(): number {
    return this.#ledger.made;
  }

  /** Size and SHA-256 of the body, as an activity told them; undefined until an attempt was reported. */
  get sent(): Pick<AttemptReport, 'bodyBytes' | 'bodySha256'> | undefined {
    return this.#ledger.sent;
  }

  /** What makes the next attempt go. */
  get nextTrigger(): AttemptTrigger {
    if (this.#life.is === 'attempting') return this.#life.trigger;
    return this.#life.is === 'preparing' ? this.#firstTrigger : 'schedule';
  }

  /** An activity was scheduled. `attemptsMade` attempts are behind it. */
  scheduled(attemptsMade: number, trigger: AttemptTrigger, atMs: number | undefined): void {
    this.lost(attemptsMade, atMs ?? 0);
    this.#ledger.triggered(attemptsMade + 1, trigger, atMs);
    if (!this.hasEnded) this.#life = { is: 'attempting', number: attemptsMade + 1, trigger };
  }

  /** An attempt told its outcome. Each failed attempt tells it twice, by signal and by its failure. */
  reported(report: AttemptReport, atMs: number): void {
    const { number } = report.attempt;
    const isNews = this.#ledger.enter(report, atMs);
    const isLatest = number >= (this.#life.is === 'attempting' ? this.#life.number : this.attemptsMade);
    if (!isNews || !isLatest || report.nextDelayMs === undefined) return;
    if (this.#life.is !== 'attempting' && this.#life.is !== 'waiting') return;
    const announcedMs = Date.parse(this.#ledger.attempt(number)?.nextAttemptAt ?? '');
    const latestMs = atMs + report.nextDelayMs;
    this.#life = { is: 'waiting', untilMs: announcedMs < latestMs ? announcedMs : latestMs, isOurs: false };
  }

  /** Attempts up to `number` never reported: their worker was killed or cut off. They are entered as `unknown`. */
  lost(number: number, atMs: number): void {
    this.#ledger.assumeMade(number, atMs);
  }

  /** A timer has fired. A wait of ours that is over by `atMs` makes way for the next attempt. */
  waited(atMs: number): void {
    if (this.#life.is !== 'waiting' || !this.#life.isOurs || atMs < this.#life.untilMs) return;
    this.#life = { is: 'attempting', number: this.attemptsMade + 1, trigger: 'schedule' };
  }

  /** Somebody asked for the waiting attempt. Returns whether it goes now. One signal consumes one wait. An attempt waits
   *  between a reported failure and its announced next attempt. `attemptsMade`, which our handle takes from the server, tells of a
   *  wait after an attempt that could not report. */
  retryNow({ attemptsMade }: RetryNowSignal, atMs: number): boolean {
    if (this.#isCancelled || !this.#isWaiting(attemptsMade, atMs)) return false;
    this.lost(attemptsMade ?? 0, atMs);
    if (this.#isSpent) return false;
    this.#life = { is: 'attempting', number: this.attemptsMade + 1, trigger: 'retry_now' };
    return true;
  }

  /** Somebody asked to stop. Returns whether that changes anything. `attemptsMade`: what the canceller saw of attempts that could
   *  not report; their activity is cancelled without a word, so that nobody could tell later. */
  cancel(atMs: number, attemptsMade = 0): boolean {
    if (this.hasEnded) return false;
    this.lost(attemptsMade, atMs);
    this.#isCancelled = true;
    if (this.#life.is === 'waiting' && this.#life.isOurs) this.end('cancelled');
    return true;
  }

  /** The activity stopped without delivering. Afterwards the delivery has ended, waits, or attempts again by a retryNow. */
  stopped(stop: AttemptsStopped, atMs: number): void {
    const report = stop.how === 'failed' ? stop.report : undefined;
    if (report !== undefined) this.reported(report, atMs);
    if (this.hasEnded) return;
    if (this.#isCancelled) {
      if (stop.how === 'timed_out') this.lost(this.attemptsMade + 1, atMs);
      this.end('cancelled');
      return;
    }
    if (isOurDoing(stop)) {
      this.#waitOwnRung(stop, report, atMs);
      if (!this.#isSpent) return;
    }
    // Without a report the last attempts ended unseen: killed workers, time-outs, an activity that this worker lacks.
    if (report === undefined) this.lost(attemptsIn(this.retryDelaysMs), atMs);
    this.end(endState(stop, report), report?.attempt.code ?? 'unknown');
  }

  /** Ends the delivery. The first end stands. */
  end(state: DeliveryState, reason?: string, isRecorded = false): void {
    if (this.hasEnded) return;
    this.#life = { is: 'ended', state, isRecorded, ...given({ reason }) };
  }

  /** What the server shows of the open activity: `attemptsMade` attempts are behind it, and its next one waits until `untilMs`, or
   *  is in flight. Known to the client alone. */
  seen(attemptsMade: number, untilMs: number | undefined): void {
    this.lost(attemptsMade, 0);
    if (this.hasEnded) return;
    this.#life =
      untilMs === undefined
        ? { is: 'attempting', number: attemptsMade + 1, trigger: 'schedule' }
        : { is: 'waiting', untilMs, isOurs: false };
  }

  /** Where the delivery stands, for people. Before its first failure it stands where the run stands. */
  status(phase: LiveState): DeliveryStatus {
    if (this.#life.is === 'ended') return this.outcome();
    const { attempts } = this.#ledger;
    const untilMs = this.#life.is === 'waiting' && !this.#isCancelled ? this.#life.untilMs : undefined;
    const nextAttemptAt = untilMs === undefined ? undefined : isoTime(untilMs);
    return {
      ...this.#identity(),
      state: attempts.length > 0 ? 'retrying' : phase,
      attempts,
      ...given({ nextAttemptAt }),
    };
  }

  /** The outcome. Throws before there is one: that would be a bug of ours. */
  outcome(): DeliveryOutcome {
    if (this.#life.is !== 'ended') throw new Error(`the delivery to ${this.endpoint.endpointId} has not ended yet`);
    const { state, reason } = this.#life;
    return { ...this.#identity(), state, ...given({ reason }), attempts: withoutNext(this.#ledger.attempts) };
  }

  get #isSpent(): boolean {
    return this.attemptsMade >= attemptsIn(this.retryDelaysMs);
  }

  #isWaiting(attemptsSeen: number | undefined, atMs: number): boolean {
    const seen = attemptsSeen ?? -1;
    if (this.#life.is === 'attempting') return seen >= this.#life.number;
    return this.#life.is === 'waiting' && (atMs < this.#life.untilMs || seen >= this.attemptsMade);
  }

  /** A retryNow stopped the activity. Where it met an attempt in flight, that attempt's own rung is still waited for, and the
   *  workflow sleeps it, as the activity is gone. */
  #waitOwnRung(stop: AttemptsStopped, report: AttemptReport | undefined, atMs: number): void {
    if (stop.how !== 'cancelled') {
      if (report === undefined) this.lost(this.attemptsMade + 1, atMs);
      const waitMs = waitAfter(this.attemptsMade, this.retryDelaysMs);
      if (this.#life.is !== 'waiting' && waitMs !== undefined) {
        this.#life = { is: 'waiting', untilMs: atMs + waitMs, isOurs: true };
      }
    }
    if (this.#life.is === 'waiting') this.#life = { ...this.#life, isOurs: true };
  }

  #identity() {
    const { endpointId, host, webhookId } = this.endpoint;
    return { endpointId, host, webhookId };
  }
}

/** Whether the activity stopped because we cancelled it. An attempt in flight that fails then is no cancellation by type. */
function isOurDoing(stop: AttemptsStopped): boolean {
  if (stop.how === 'cancelled') return true;
  return stop.isAsked && !(stop.how === 'failed' && stop.isFinal);
}

function endState(stop: AttemptsStopped, report: AttemptReport | undefined): DeliveryState {
  const type = stop.how === 'failed' ? stop.type : undefined;
  if (type === FAILURE_TYPES.endpointGone) return 'gone';
  // A forbidden resolved address is retried, since resolvers glitch. Where the ladder ends on it, our rules refuse it.
  if (type === FAILURE_TYPES.deliveryRefused || report?.attempt.outcome === 'refused') return 'refused';
  return 'failed';
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

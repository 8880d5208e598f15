/**
 * The life of one delivery, which is one event to one endpoint:
 *
 *   preparing → attempting(number, trigger) ⇄ waiting(untilMs) or held(number, code) → ended(state, reason)
 *
 * Both the workflow and the client use it. The workflow tells it each thing as it happens. The client tells it the
 * same things from history. So both come to the same status. Pure: times are arguments, in ms since 1970.
 */
import { AttemptLedger, withoutNext } from './attempt-ledger.ts';
import type {
  Attempt,
  AttemptTrigger,
  DeliveryOutcome,
  DeliveryState,
  DeliveryStatus,
  LiveState,
} from './delivery-state.ts';
import type { Endpoint } from './endpoints.ts';
import { given } from './given.ts';
import { FAILURE_TYPES, NOT_REGISTERED } from './names.ts';
import { attemptsIn, waitAfter } from './retry-schedule.ts';
import { MAX_WAIT_FOR_US_MS, MAX_WAITS_FOR_US, WAIT_FOR_US_MS } from './run-limits.ts';
import type { AttemptReport, RetryNowSignal } from './run-messages.ts';

/** Where a delivery stands. */
export type DeliveryLife =
  /** The run settles or fetches artifacts. */
  | { readonly is: 'preparing' }
  /** Attempt `number` is scheduled or in flight. `trigger` is `retry_now` when a retryNow ended the wait before it. */
  | { readonly is: 'attempting'; readonly number: number; readonly trigger: AttemptTrigger }
  /** The last attempt has failed, and the next one waits until `untilMs`. `isOurs`: the workflow itself sleeps.
   *  Otherwise the activity's retry policy waits. */
  | { readonly is: 'waiting'; readonly untilMs: number; readonly isOurs: boolean }
  /** Attempt `number` was not sent, for a reason of ours. It waits until our side can send, and keeps its number. */
  | {
      readonly is: 'held';
      readonly number: number;
      readonly trigger: AttemptTrigger;
      readonly code: string;
      readonly since?: string;
    }
  /** The delivery has ended. `isRecorded`: the delivery log already has its end. */
  | { readonly is: 'ended'; readonly state: DeliveryState; readonly reason?: string; readonly isRecorded: boolean };

/** How a delivery activity stopped without delivering. */
export type AttemptsStopped =
  /** It was cancelled while its next attempt waited. No attempt was in flight. */
  | { readonly how: 'cancelled' }
  /** Its last attempt failed. `isFinal`: the failure forbids a retry. `isAsked`: Temporal stopped retrying because we
   *  had asked it to cancel the activity. */
  | {
      readonly how: 'failed';
      readonly type?: string;
      readonly isFinal: boolean;
      readonly isAsked: boolean;
      readonly report?: AttemptReport;
    }
  /** Its last attempt never reported an outcome. */
  | { readonly how: 'timed_out'; readonly isAsked: boolean };

/** Failures of the SDK's worker before our activity begins, and the reason code of each. */
const UNSENT: Readonly<Record<string, string>> = {
  [NOT_REGISTERED]: 'no_activity',
  [FAILURE_TYPES.storedPayload]: 'stored_payload',
};

export class Delivery {
  readonly endpoint: Endpoint;
  readonly retryDelaysMs: readonly number[];
  readonly #firstTrigger: AttemptTrigger;
  readonly #ledger: AttemptLedger;
  #life: DeliveryLife = { is: 'preparing' };
  #isCancelled = false;
  /** Whether a delivery activity is open. */
  #isOpen = false;
  /** How often the delivery has waited for us. */
  #timesHeld = 0;

  /** `firstTrigger`: what makes the first attempt go. It is `redelivery` in a redelivery's run, else `schedule`. */
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

  /** Whether a cancel was asked for. An attempt in flight may still finish; the delivery ends after it. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** The highest known attempt number. Attempts below it that never reported count as made. */
  get attemptsMade(): number {
    return this.#ledger.made;
  }

  /** Size in bytes and SHA-256 of the body, from the last report. Undefined until the first report. */
  get sent(): Pick<AttemptReport, 'bodyBytes' | 'bodySha256'> | undefined {
    return this.#ledger.sent;
  }

  /** How long to wait for us at least, ms. Each wait is twice as long as the one before it. */
  get waitForUsMs(): number {
    return Math.min(WAIT_FOR_US_MS * 2 ** (this.#timesHeld - 1), MAX_WAIT_FOR_US_MS);
  }

  /** Whether an attempt that cannot be sent is spent, because the delivery has waited for us too often. */
  get spendsNotSent(): boolean {
    return this.#timesHeld >= MAX_WAITS_FOR_US;
  }

  /** The trigger of the next attempt. */
  get nextTrigger(): AttemptTrigger {
    if (this.#life.is === 'attempting' || this.#life.is === 'held') return this.#life.trigger;
    return this.#life.is === 'preparing' ? this.#firstTrigger : 'schedule';
  }

  /** Call it when a delivery activity is scheduled. `attemptsMade` attempts were made before it. */
  scheduled(attemptsMade: number, trigger: AttemptTrigger, atMs: number | undefined): void {
    this.lost(attemptsMade, atMs ?? 0);
    this.#ledger.triggered(attemptsMade + 1, trigger, atMs);
    this.#isOpen = true;
    if (!this.hasEnded) this.#life = { is: 'attempting', number: attemptsMade + 1, trigger };
  }

  /** Call it with each report of an attempt. A failed attempt reports twice, by signal and by its failure. The second
   *  report changes nothing. */
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

  /** Call it when attempts up to `number` were made. Those that never reported are entered as `unknown`: their worker
   *  was killed or cut off. */
  lost(number: number, atMs: number): void {
    this.#ledger.assumeMade(number, atMs);
  }

  /** Call it when a timer has fired. If the workflow's own wait is over at `atMs`, the next attempt follows. */
  waited(atMs: number): void {
    if (this.#life.is !== 'waiting' || !this.#life.isOurs || atMs < this.#life.untilMs) return;
    this.#life = { is: 'attempting', number: this.attemptsMade + 1, trigger: 'schedule' };
  }

  /** Call it when our side can send again. The attempt that was not sent goes now. */
  released(): void {
    if (this.#life.is !== 'held') return;
    const { number, trigger } = this.#life;
    this.#life = { is: 'attempting', number, trigger };
  }

  /** Call it when a retryNow arrives. Returns whether the waiting attempt goes now. One signal ends at most one wait.
   *  An attempt waits from the failure before it until its announced time. An attempt that was killed announces none.
   *  For that case our handle reads `attemptsMade` from the server and sends it along. An attempt that waits for us
   *  goes at once, too. */
  retryNow({ attemptsMade }: RetryNowSignal, atMs: number): boolean {
    if (this.#isCancelled || !this.#isWaiting(attemptsMade, atMs)) return false;
    this.lost(attemptsMade ?? 0, atMs);
    if (this.#isSpent) return false;
    this.#life = { is: 'attempting', number: this.attemptsMade + 1, trigger: 'retry_now' };
    return true;
  }

  /** Call it when a cancel arrives. Returns false if the delivery had already ended. A wait of ours ends the delivery
   *  here. Otherwise it ends later: when its activity has stopped, or when the body is frozen. `attemptsMade`: the
   *  number of attempts that the sender read from the server. It includes killed attempts. The run cannot learn of
   *  those in any other way. */
  cancel(atMs: number, attemptsMade = 0): boolean {
    if (this.hasEnded) return false;
    this.lost(attemptsMade, atMs);
    this.#isCancelled = true;
    if (this.#life.is !== 'preparing' && !this.#isOpen) this.end('cancelled');
    return true;
  }

  /** Call it when the activity stopped without delivering. Afterwards the delivery has ended, waits, or makes the
   *  attempt that a retryNow asked for. */
  stopped(stop: AttemptsStopped, atMs: number): void {
    const report = stop.how === 'failed' ? stop.report : undefined;
    this.#isOpen = false;
    const notSent = this.#notSentBy(stop);
    if (notSent !== undefined) this.lost(notSent.number - 1, atMs);
    else if (report !== undefined) this.reported(report, atMs);
    if (this.hasEnded) return;
    if (this.#isCancelled) {
      if (stop.how === 'timed_out' && !this.#hasReported(atMs)) this.lost(this.attemptsMade + 1, atMs);
      this.end('cancelled');
      return;
    }
    if (notSent !== undefined) {
      this.#hold(notSent);
      return;
    }
    if (isOurDoing(stop)) {
      this.#waitOwnRung(stop, report, atMs);
      if (!this.#isSpent) return;
    }
    // Without a report, the remaining attempts were used up unseen: the worker was killed, timed out, or lacks the
    // activity.
    if (report === undefined) this.lost(attemptsIn(this.retryDelaysMs), atMs);
    this.end(endState(stop, report), report?.attempt.code ?? 'unknown');
  }

  /** Ends the delivery. Only the first call counts. */
  end(state: DeliveryState, reason?: string, isRecorded = false): void {
    if (this.hasEnded) return;
    this.#life = { is: 'ended', state, isRecorded, ...given({ reason }) };
  }

  /** Call it with what the server shows of the open activity. `attemptsMade` attempts were made, and the next one
   *  waits until `untilMs`. With `untilMs` undefined, it is in flight. Only the client can know this. */
  seen(attemptsMade: number, untilMs: number | undefined): void {
    this.lost(attemptsMade, 0);
    if (this.hasEnded) return;
    this.#life =
      untilMs === undefined
        ? { is: 'attempting', number: attemptsMade + 1, trigger: 'schedule' }
        : { is: 'waiting', untilMs, isOurs: false };
  }

  /** Where the delivery stands, for people. Before its first failed attempt, its state is `phase`, the state of the
   *  run. */
  status(phase: LiveState): DeliveryStatus {
    if (this.#life.is === 'ended') return this.outcome();
    const { attempts } = this.#ledger;
    if (this.#life.is === 'held') {
      const { code: reason, since: waitingSince } = this.#life;
      return { ...this.#identity(), state: 'waiting_for_us', reason, attempts, ...given({ waitingSince }) };
    }
    const untilMs = this.#life.is === 'waiting' && !this.#isCancelled ? this.#life.untilMs : undefined;
    const nextAttemptAt = untilMs === undefined ? undefined : isoTime(untilMs);
    return {
      ...this.#identity(),
      state: attempts.length > 0 ? 'retrying' : phase,
      attempts,
      ...given({ nextAttemptAt }),
    };
  }

  /** The outcome. Throws if the delivery has not ended, which is a bug of ours. */
  outcome(): DeliveryOutcome {
    if (this.#life.is !== 'ended') throw new Error(`the delivery to ${this.endpoint.endpointId} has not ended yet`);
    const { state, reason } = this.#life;
    return { ...this.#identity(), state, ...given({ reason }), attempts: withoutNext(this.#ledger.attempts) };
  }

  get #isSpent(): boolean {
    return this.attemptsMade >= attemptsIn(this.retryDelaysMs);
  }

  /** Whether the attempt that has just ended told its outcome before, by signal. */
  #hasReported(atMs: number): boolean {
    return this.#life.is === 'waiting' && atMs < this.#life.untilMs;
  }

  /** `attemptsSeen` is what the sender of a retryNow saw. It was meant for another wait if attempts were made since,
   *  and the last attempt is followed by none. */
  #isWaiting(attemptsSeen: number | undefined, atMs: number): boolean {
    const seen = attemptsSeen ?? -1;
    if (attemptsSeen !== undefined && (seen < this.attemptsMade || seen >= attemptsIn(this.retryDelaysMs)))
      return false;
    if (this.#life.is === 'held') return seen <= this.attemptsMade;
    if (this.#life.is === 'attempting') return seen >= this.#life.number;
    return this.#life.is === 'waiting' && (atMs < this.#life.untilMs || seen >= this.attemptsMade);
  }

  /** The attempt that was not sent for a reason of ours. A worker without our activities reports none. */
  #notSentBy(stop: AttemptsStopped): NotSent | undefined {
    if (stop.how !== 'failed') return undefined;
    if (stop.type === FAILURE_TYPES.notSent) return stop.report?.attempt;
    const code = this.spendsNotSent ? undefined : UNSENT[stop.type ?? ''];
    return code === undefined ? undefined : { number: this.attemptsMade + 1, trigger: 'schedule', code };
  }

  /** The attempt keeps its number, and what makes it go. */
  #hold({ number, trigger, startedAt: since, code = 'unknown' }: NotSent): void {
    const isKnown = this.#life.is === 'attempting' && this.#life.number === number;
    this.#timesHeld += 1;
    this.#life = { is: 'held', number, trigger: isKnown ? this.nextTrigger : trigger, code, ...given({ since }) };
  }

  /** A retryNow stopped the activity. If an attempt was in flight then, the wait after that attempt still applies. The
   *  workflow sleeps it, because the activity is gone. */
  #waitOwnRung(stop: AttemptsStopped, report: AttemptReport | undefined, atMs: number): void {
    // A retryNow came after the report of that attempt: the next one goes at once.
    if (report !== undefined && this.#life.is === 'attempting' && this.#life.number > report.attempt.number) return;
    if (stop.how !== 'cancelled') {
      if (report === undefined && !this.#hasReported(atMs)) this.lost(this.attemptsMade + 1, atMs);
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

type NotSent = Pick<Attempt, 'number' | 'trigger' | 'code'> & { readonly startedAt?: string };

/** Whether the activity stopped because we cancelled it. An attempt in flight that fails then arrives as an ordinary
 *  failure, so `isAsked` decides. */
function isOurDoing(stop: AttemptsStopped): boolean {
  if (stop.how === 'cancelled') return true;
  return stop.isAsked && !(stop.how === 'failed' && stop.isFinal);
}

function endState(stop: AttemptsStopped, report: AttemptReport | undefined): DeliveryState {
  const type = stop.how === 'failed' ? stop.type : undefined;
  if (type === FAILURE_TYPES.endpointGone) return 'gone';
  // A forbidden resolved address is retried, because a resolver may have answered wrongly once. If the last attempt
  // ends so too, the delivery is refused.
  if (type === FAILURE_TYPES.deliveryRefused || report?.attempt.outcome === 'refused') return 'refused';
  return 'failed';
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * The time by which attempts are signed and told. It is the server's if this machine's clock is off. A receiver refuses
 * a timestamp that is five minutes off, and a worker must not lose a delivery to that.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';
import type { ActivityLog } from './activity-log.ts';
import { askOnceHeard, askOwnAttempt, giveUp, isGivenOutAgain } from './own-attempt.ts';

/** A start that is later than this asks whether the attempt is still wanted, ms. */
const LATE_MS = 5_000;
/** A clock that is further off than this is told and corrected, ms. */
const CLOCK_OFF_MS = 30_000;
/** How long a measured difference holds, and how often it is told, ms. */
const MEASURED_FOR_MS = 60_000;
/** A heartbeat reaches the server a moment after it was sent. */
const HEARTBEAT_TURNS = 10;
const HEARTBEAT_TURN_MS = 100;
/** How often a server is asked that does not answer. With 3 s each, secrets and POST still fit into the activity's
 *  30 s. */
const ASKED_TIMES = 2;

export class ServerClock {
  readonly #say: ActivityLog;
  /** Local time minus the server's, ms. */
  #aheadMs = 0;
  #measuredAtMs = Number.NEGATIVE_INFINITY;
  #measuring: Promise<void> | undefined;

  constructor(say: ActivityLog) {
    this.#say = say;
  }

  /** The server's time now as far as it is known, ms; never before the attempt was scheduled. Throws
   *  `CancelledFailure` if the attempt starts late or once more after a reset, and must not send any more: its run has
   *  cancelled it, or the server has given it up. */
  async beforeSending(context: Context): Promise<number> {
    const { currentAttemptScheduledTimestampMs: scheduledMs } = context.info;
    const isAgain = isGivenOutAgain(context);
    if (isAgain || this.#lateMs(scheduledMs) > LATE_MS || this.#lateMs(scheduledMs) < -CLOCK_OFF_MS) {
      await this.#measure(context, scheduledMs);
      const own = isAgain || this.#lateMs(scheduledMs) > LATE_MS ? await askOnceHeard(context) : undefined;
      if (own !== undefined && own.is !== 'wanted') {
        this.#say.warn('webhook.attempt_not_sent', { activityId: context.info.activityId, why: own.is });
        await giveUp(context, own);
      }
    }
    return this.at(context);
  }

  /** The same without a question. */
  at(context: Context): number {
    return Math.max(Date.now() - this.#aheadMs, context.info.currentAttemptScheduledTimestampMs);
  }

  #lateMs(scheduledMs: number): number {
    return Date.now() - this.#aheadMs - scheduledMs;
  }

  /** A long queue makes attempts late, too. So the server is asked for its time. Attempts that start meanwhile wait for
   *  the same answer. */
  async #measure(context: Context, scheduledMs: number): Promise<void> {
    if (Math.abs(Date.now() - scheduledMs) < CLOCK_OFF_MS) {
      this.#aheadMs = 0;
      return;
    }
    // Another attempt may find no answer, because it was replaced itself. Then this one asks.
    for (let time = 0; time < 2 && !this.#isMeasured; time += 1) {
      this.#measuring ??= this.#askForTime(context).finally(() => (this.#measuring = undefined));
      await this.#measuring;
    }
  }

  get #isMeasured(): boolean {
    return performance.now() - this.#measuredAtMs < MEASURED_FOR_MS;
  }

  /** The server notes when a heartbeat came. A server that does not answer is asked again, since a wrong timestamp
   *  would spend the attempt. */
  async #askForTime(context: Context): Promise<void> {
    for (let time = 0; time < ASKED_TIMES; time += 1) {
      const before = await askOwnAttempt(context);
      if (before === undefined) continue;
      if (before.is === 'replaced') return;
      const sentAtMs = Date.now();
      context.heartbeat();
      for (let turn = 0; turn < HEARTBEAT_TURNS; turn += 1) {
        const heartbeatAtMs = (await askOwnAttempt(context))?.heartbeatAtMs;
        if (heartbeatAtMs !== undefined && heartbeatAtMs !== before.heartbeatAtMs) {
          this.#measuredAtMs = performance.now();
          this.#found(sentAtMs - heartbeatAtMs);
          return;
        }
        await delay(HEARTBEAT_TURN_MS);
      }
    }
  }

  #found(aheadMs: number): void {
    const isOff = Math.abs(aheadMs) >= CLOCK_OFF_MS;
    this.#aheadMs = isOff ? aheadMs : 0;
    if (!isOff) return;
    const fix =
      'synchronize the clock of this machine (NTP); until then attempts are signed with the time of the server';
    this.#say.warn('worker.clock_off', { aheadMs, fix });
  }
}

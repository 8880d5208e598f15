/** Tells which attempt of a delivery waits, of how many, and whether the receiver asked to wait. Pure. */
import { isFinal, type DeliveryStatus } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { isoTime } from '../contract/iso-time.ts';
import { laterThanRung } from '../contract/later-than-rung.ts';
import { attemptsIn } from '../contract/retry-schedule.ts';
import type { RunFacts } from './run-facts.ts';

/** The waits of the run's ladder, ms. Undefined if the input does not tell them: another version, or a person, may have
 *  started the run. */
export function ladderOf({ input }: Pick<RunFacts, 'input'>): readonly number[] | undefined {
  const delays: unknown = input?.policy?.retryDelaysMs;
  return Array.isArray(delays) && delays.every((each) => typeof each === 'number') ? delays : undefined;
}

/** The run in which the history of this one was begun, if it is not this one: then a reset has copied it. Its wait
 *  counts from an attempt that it made again, so no wait of it tells what a receiver asked for. */
export function resetOf({ runId, originalRunId }: Pick<RunFacts, 'runId' | 'originalRunId'>): string | undefined {
  return originalRunId === runId ? undefined : originalRunId;
}

/** The deliveries with their `dueSince`. */
export function withDueSince(
  deliveries: readonly DeliveryStatus[],
  { pending }: Pick<RunFacts, 'pending'>,
): readonly DeliveryStatus[] {
  return deliveries.map((delivery) => {
    const dueSinceMs = pending.find(({ endpointId }) => endpointId === delivery.endpointId)?.dueSinceMs;
    return isFinal(delivery.state) ? delivery : { ...delivery, ...given({ dueSince: isoTime(dueSinceMs) }) };
  });
}

/** The deliveries with their `nextAttempt`. None has one if the input does not tell the ladder. */
export function withNextAttempts(
  deliveries: readonly DeliveryStatus[],
  run: Pick<RunFacts, 'input' | 'runId' | 'originalRunId'>,
): readonly DeliveryStatus[] {
  const delays = ladderOf(run);
  if (delays === undefined) return deliveries;
  return deliveries.map((delivery) => {
    if (isFinal(delivery.state) || delivery.nextAttemptAt === undefined) return delivery;
    const isLater = resetOf(run) === undefined && laterThanRung(delivery, delays) !== undefined;
    const askedToWait = isLater || undefined;
    const number = (delivery.attempts.at(-1)?.number ?? 0) + 1;
    return { ...delivery, nextAttempt: { number, of: attemptsIn(delays), ...given({ askedToWait }) } };
  });
}

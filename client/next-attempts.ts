/** Tells which attempt of a delivery waits, of how many, and whether the receiver asked to wait. Pure. */
import { isFinal, type DeliveryStatus } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import { laterThanRung } from '../contract/later-than-rung.ts';
import { attemptsIn } from '../contract/retry-schedule.ts';
import type { RunFacts } from './run-facts.ts';

/** The waits of the run's ladder, ms. Undefined if the input does not tell them: another version, or a person, may have
 *  started the run. */
export function ladderOf({ input }: Pick<RunFacts, 'input'>): readonly number[] | undefined {
  const delays: unknown = input?.policy?.retryDelaysMs;
  return Array.isArray(delays) && delays.every((each) => typeof each === 'number') ? delays : undefined;
}

/** The deliveries with their `nextAttempt`. None has one if the input does not tell the ladder. */
export function withNextAttempts(
  deliveries: readonly DeliveryStatus[],
  run: Pick<RunFacts, 'input'>,
): readonly DeliveryStatus[] {
  const delays = ladderOf(run);
  if (delays === undefined) return deliveries;
  return deliveries.map((delivery) => {
    if (isFinal(delivery.state) || delivery.nextAttemptAt === undefined) return delivery;
    const askedToWait = laterThanRung(delivery, delays) === undefined ? undefined : true;
    const number = (delivery.attempts.at(-1)?.number ?? 0) + 1;
    return { ...delivery, nextAttempt: { number, of: attemptsIn(delays), ...given({ askedToWait }) } };
  });
}

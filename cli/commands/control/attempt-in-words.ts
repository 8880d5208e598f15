/** Which attempt a `retry-now` sends, for the dry run and for the answer. Pure. */
import type { DeliveryStatus } from '../../../contract/delivery-state.ts';
import { inSeconds } from '../attempts-table.ts';

/** `attempt 3 of 3, the last`, and whether the receiver asked to wait. Undefined if no attempt waits in the ladder. */
export function attemptInWords({ nextAttempt, nextAttemptAt }: DeliveryStatus): string | undefined {
  if (nextAttempt === undefined) return undefined;
  const { number, of, askedToWait } = nextAttempt;
  const last = number >= of ? ', the last' : '';
  const isEarly = askedToWait === true && nextAttemptAt !== undefined;
  const early = isEarly ? `; its receiver asked to wait until ${inSeconds(nextAttemptAt)} (Retry-After)` : '';
  return `attempt ${number} of ${of}${last}${early}`;
}

/** What a handle has to know of a run before it cancels or hurries a delivery. Pure. */
import { isFinal, worstState, type DeliveryState, type WebhookStatus } from '../contract/delivery-state.ts';
import { isRunInput, lifeOf, pendingFor } from './fold-run.ts';
import type { RunFacts } from './run-facts.ts';

/** The final state of all deliveries, or of the delivery to `endpointId`. Undefined while one of them has not ended.
 *  The run may stay open longer, until the delivery log has taken its records. */
export function endOf({ deliveries }: WebhookStatus, endpointId?: string): DeliveryState | undefined {
  const asked = deliveries.filter((each) => endpointId === undefined || each.endpointId === endpointId);
  const states = asked.map(({ state }) => state);
  return states.every(isFinal) ? worstState(states) : undefined;
}

/** Whether a cancel leaves no delivery that goes on: one of `endpointId`, or without it one of all. */
export function leavesNothing(run: RunFacts, endpointId: string | undefined): boolean {
  if (endpointId === undefined || !isRunInput(run.input)) return true;
  return lifeOf(run, run.input).deliveries.every(
    ({ isCancelled, hasEnded, endpoint }) => isCancelled || hasEnded || endpoint.endpointId === endpointId,
  );
}

/** By endpoint id, the attempts made so far, for each open delivery whose last attempt never reported. The server
 *  knows these attempts and the run does not. */
export function unreportedAttempts({ deliveries }: WebhookStatus): Readonly<Record<string, number>> {
  const open = deliveries.filter(({ state, attempts }) => !isFinal(state) && attempts.at(-1)?.outcome === 'unknown');
  return Object.fromEntries(open.map(({ endpointId, attempts }) => [endpointId, attempts.length]));
}

/** Payloads of the signal retryNow, one for each delivery whose next attempt waits. When the server shows the wait,
 *  the payload has `attemptsMade`, so that an attempt that never reported is counted. The server shows no wait that
 *  the workflow sleeps itself, and none for our own side. */
export function waitingDeliveries(run: RunFacts): { endpointId: string; attemptsMade?: number }[] {
  if (!isRunInput(run.input)) return [];
  return lifeOf(run, run.input).deliveries.flatMap(({ endpoint: { endpointId }, life }) => {
    const pending = pendingFor(endpointId, run);
    if (pending === undefined) return life.is === 'waiting' || life.is === 'held' ? [{ endpointId }] : [];
    const { attemptsMade, isWaiting } = pending;
    return isWaiting && attemptsMade > 0 ? [{ endpointId, attemptsMade }] : [];
  });
}

/** Whether an attempt has told its failure, and the server does not show the wait after it yet. Its worker reports the
 *  failure to the run first, and to the server moments later. */
export function isAboutToWait(run: RunFacts, { deliveries }: WebhookStatus, endpointId?: string): boolean {
  return deliveries.some((delivery) => {
    if (endpointId !== undefined && delivery.endpointId !== endpointId) return false;
    const pending = pendingFor(delivery.endpointId, run);
    if (pending === undefined || pending.isWaiting || isFinal(delivery.state)) return false;
    const last = delivery.attempts.at(-1);
    return last !== undefined && last.number > pending.attemptsMade && last.nextAttemptAt !== undefined;
  });
}

/** Those of the waits that a retryNow means whose sender saw the status `first`. While it looked for its wait, somebody
 *  else may have ended that wait. The one after the next attempt was not meant. */
export function waitsMeantBy(
  { deliveries }: WebhookStatus,
  waits: ReturnType<typeof waitingDeliveries>,
): ReturnType<typeof waitingDeliveries> {
  const made = new Map(deliveries.map(({ endpointId, attempts }) => [endpointId, attempts.length]));
  return waits.filter(({ endpointId, attemptsMade = 0 }) => attemptsMade <= (made.get(endpointId) ?? 0));
}

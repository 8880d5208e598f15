/** Which deliveries of a webhook a command would touch, as its status stands now. Pure. */
import { isFinal, type DeliveryStatus, type WebhookStatus } from '../../../contract/delivery-state.ts';
import type { FindableState } from '../../../contract/schemas/find-filter.ts';
import { fitsReason } from '../reason-option.ts';
import type { ControlRequest, ControlVerb } from './request.ts';

/** What narrows a choice inside one webhook. */
export type Narrowing = {
  /** Of a choice by state. Ended states narrow, and so does `waiting_for_us` alone. Any other running delivery is
   *  judged by its verb. */
  readonly states?: readonly FindableState[];
  /** Reason codes of the end, or of the last attempt while the delivery runs, as `--reason` gives them. */
  readonly reason?: string;
};

/** The deliveries that the command would touch. Empty: there is nothing to do. */
export function touched(
  { state: runState, deliveries }: WebhookStatus,
  { verb, endpointId, force = false }: ControlRequest,
  { states, reason }: Narrowing = {},
): readonly DeliveryStatus[] {
  // A redelivery is a new run, so the one before must have ended.
  if (verb === 'redeliver' && !isFinal(runState)) return [];
  return deliveries
    .filter((delivery) => endpointId === undefined || delivery.endpointId === endpointId)
    .filter((delivery) => TOUCHES[verb](delivery, force))
    .filter((delivery) => reason === undefined || fitsReason(reason, reasonOf(delivery)))
    .filter(
      // Without an endpoint the run was chosen as a whole. With one, it is this delivery that must have the state.
      ({ state }) =>
        endpointId === undefined ||
        states === undefined ||
        (states as readonly string[]).includes(state) ||
        (!isFinal(state) && !states.every((each) => each === 'waiting_for_us')),
    );
}

/** The reason code of the end, or of the last attempt. Undefined when delivered. */
export function reasonOf({ state, reason, attempts }: DeliveryStatus): string | undefined {
  return state === 'delivered' ? undefined : (reason ?? attempts.at(-1)?.code);
}

const TOUCHES: Readonly<Record<ControlVerb, (delivery: DeliveryStatus, force: boolean) => boolean>> = {
  cancel: ({ state }) => !isFinal(state),
  'retry-now': ({ nextAttemptAt, state }) => nextAttemptAt !== undefined || state === 'waiting_for_us',
  redeliver: ({ state }, force) => isFinal(state) && (force || state !== 'delivered'),
};

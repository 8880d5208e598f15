/** The settle delay, as far as the server has not waited for it already (`settle: 'startDelay'`). */
import { sleep, workflowInfo } from '@temporalio/workflow';
import { promisedAtMs, settleDelayFor } from '../contract/delivery-policy.ts';
import type { EventName } from '../contract/event-types.ts';
import type { RunInput } from '../contract/run-messages.ts';

/** Resolves when the event's settle delay has passed since the run's start. Start time and now are both the server's
 *  times, so a busy worker adds nothing. Undefined, and no timer, when no delay is left. */
export function settleTimer(input: RunInput): Promise<void> | undefined {
  const { event, policy } = input;
  const delayMs = settleDelayFor(event, policy.settleDelayMs);
  const leftMs = promisedAtMs(input, workflowInfo().startTime.getTime()) - Date.now();
  if (leftMs <= 0) return undefined;
  return sleep(leftMs, { summary: `settle ${delayMs / 1_000} s: ${REASONS[event] ?? ''}` });
}

const REASONS: Partial<Record<EventName, string>> = {
  'call.completed': 'recording, transcript and summary are being made',
  'campaign.completed': 'the last call reports first',
};

/** The settle delay, as a workflow waits it. Sleep, not startDelay: a signal does not end a startDelay. */
import { sleep, workflowInfo } from '@temporalio/workflow';
import { settleDelayFor } from '../contract/settle-delay.ts';
import type { RunInput } from '../contract/run-messages.ts';

/** Sleeps until the event's settle delay has passed since the run's start by the server's clock, so a busy worker adds
 *  nothing; no timer where none is due. */
export async function settle({ event, policy }: RunInput): Promise<void> {
  const delayMs = settleDelayFor(event, policy.settleDelayMs);
  const leftMs = workflowInfo().startTime.getTime() + delayMs - Date.now();
  if (leftMs <= 0) return;
  const why =
    event === 'call.completed' ? 'recording, transcript and summary are being made' : 'the last call reports first';
  const summary = `settle ${delayMs / 1_000} s: ${why}`;
  await sleep(leftMs, { summary });
}

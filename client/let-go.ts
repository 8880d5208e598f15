/** Lets a run close whose deliveries have all ended, and which waits until the host has heard of them. */
import type { Client } from '@temporalio/client';
import { SIGNALS } from '../contract/names.ts';
import type { CancelSignal } from '../contract/run-messages.ts';
import { StillRunningError } from './errors.ts';
import type { RunFacts } from './run-facts.ts';

/** A live worker closes the run within moments. */
const CLOSES_MS = 5_000;
const LOOK_MS = 100;

/** Sends the signal and waits for the run's end. Rejects with `StillRunningError` if it has not ended within 5 s. */
export async function letGo(client: Client, { workflowId, runId }: RunFacts): Promise<void> {
  const run = client.workflow.getHandle(workflowId, runId);
  const signal: CancelSignal = { letGo: true };
  await run.signal(SIGNALS.cancel, signal);
  for (let waitedMs = 0; waitedMs < CLOSES_MS; waitedMs += LOOK_MS) {
    if ((await run.describe()).status.name !== 'RUNNING') return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new StillRunningError(workflowId);
}

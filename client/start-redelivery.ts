/** Starts a planned redelivery under the workflow id of the run it follows. Of several at the same time, one
 *  starts. */
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { AnyRunInput } from '../contract/run-messages.ts';
import { withDecidedEagerness } from './eager-delivery.ts';
import { StillRunningError } from './errors.ts';
import type { RunFacts } from './run-facts.ts';
import { startOptions, workflowTypeOf } from './start-options.ts';
import { startStored } from './stored-payloads.ts';
import { withoutMemos } from './without-memos.ts';

/** Of a handle's request, a part may go into the question for limits, ms. */
const LIMITS_WITHIN_MS = 4_000;

/** Starts the redelivery. The second argument is the closed run that `input` was planned from.
 *  Rejects with `StillRunningError` when another run came first, and with `StoredPayloadError`. */
export async function startRedelivery(
  client: Client,
  { workflowId, runId, taskQueue }: RunFacts,
  input: AnyRunInput,
  { force }: { readonly force: boolean },
): Promise<void> {
  // Reading a long history takes time. Another redelivery may have started and ended meanwhile; a second one would
  // send twice.
  if ((await withoutMemos(client).getHandle(workflowId).describe()).runId !== runId)
    throw new StillRunningError(workflowId);
  const decided = await withDecidedEagerness(client, input, { taskQueue, timeoutMs: LIMITS_WITHIN_MS });
  try {
    const options = {
      ...startOptions(workflowId, decided),
      taskQueue,
      // Without force, only a run that did not complete may be followed. So two operators cannot redeliver twice.
      workflowIdReusePolicy: force ? 'ALLOW_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'FAIL',
    } as const;
    await startStored(client, workflowId, () => client.workflow.start(workflowTypeOf(input), options));
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw new StillRunningError(workflowId, error);
    throw error;
  }
}

/** Starts a planned redelivery under the id of the run it follows, once, however many ask for it at the same time. */
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { AnyRunInput } from '../contract/run-messages.ts';
import { StillRunningError } from './errors.ts';
import type { RunFacts } from './run-facts.ts';
import { startOptions, workflowTypeOf } from './start-options.ts';

/** `run`: the closed run that `input` was planned from. Throws `StillRunningError` where another run came first. */
export async function startRedelivery(
  client: Client,
  { workflowId, runId, taskQueue }: RunFacts,
  input: AnyRunInput,
  { force }: { readonly force: boolean },
): Promise<void> {
  // Reading a long history takes time, in which somebody else's redelivery may have come and gone: it would be doubled.
  if ((await client.workflow.getHandle(workflowId).describe()).runId !== runId) throw new StillRunningError(workflowId);
  try {
    await client.workflow.start(workflowTypeOf(input), {
      ...startOptions(workflowId, input),
      taskQueue,
      // Only a run that did not complete may be followed, unless forced: so two operators cannot double it.
      workflowIdReusePolicy: force ? 'ALLOW_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'FAIL',
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw new StillRunningError(workflowId, error);
    throw error;
  }
}

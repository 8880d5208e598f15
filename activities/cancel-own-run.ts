/** Closes a run as Canceled after a cancel that came by signal. Only a cancel request of the server can do that. */
import { Context } from '@temporalio/activity';

/** Asks the server to cancel the calling run. Retried by its retry policy. A run that has closed meanwhile is no
 *  error. */
export async function cancelOwnRun(): Promise<void> {
  const { info, client } = Context.current();
  const run = info.workflowExecution;
  if (run !== undefined) await client.workflow.getHandle(run.workflowId, run.runId).cancel();
}

/** Lets a cancel that came by signal close the run as Canceled: the server has to ask for that. */
import { Context } from '@temporalio/activity';

/** Asks the server to cancel the calling run; retried by its policy. A run that has closed meanwhile is no error. */
export async function cancelOwnRun(): Promise<void> {
  const { info, client } = Context.current();
  const run = info.workflowExecution;
  if (run !== undefined) await client.workflow.getHandle(run.workflowId, run.runId).cancel();
}

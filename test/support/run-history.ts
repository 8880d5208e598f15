/** Looks into a run's history for what no status tells: whether a signal has been taken in, and when it came. */
import type { Client, WorkflowHandle } from '@temporalio/client';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** Events of the latest run of a workflow id, in order. */
export async function eventsOf(client: Client, workflowId: string): Promise<readonly HistoryEvent[]> {
  return (await client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
}

/** Whether the workflow has taken `count` cancels in: that many signals `cancel` or requests of the server stand in
 *  history, and a task has completed after the last of them. */
export async function cancelHeard(client: Client, workflowId: string, count = 1): Promise<boolean> {
  const events = await eventsOf(client, workflowId);
  const asked = events.flatMap((event, index) =>
    event.workflowExecutionSignaledEventAttributes?.signalName === 'cancel' ||
    event.workflowExecutionCancelRequestedEventAttributes
      ? [index]
      : [],
  );
  const last = asked[count - 1];
  return last !== undefined && events.slice(last).some((event) => event.workflowTaskCompletedEventAttributes);
}

/** Reads from a run's history what no status tells: whether a signal was taken in, when timers were due, what ran. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** Events of the latest run of a workflow id, in order. */
export async function eventsOf(client: Client, workflowId: string): Promise<readonly HistoryEvent[]> {
  return (await client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
}

/**
 * Whether the workflow has taken in `count` cancels. The history then has that many signals `cancel` or requests of
 * the server, and a completed task after the last of them.
 */
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

/**
 * When the run's first timer was due, ms after the run's start. It is computed from the server's times and the
 * timer's own length. How late a busy server fires the timer does not matter.
 */
export function firstTimerDueMs(events: readonly HistoryEvent[]): number {
  const index = events.findIndex((event) => event.timerStartedEventAttributes);
  // The workflow's clock at that time: the start of its task.
  const task = events.slice(0, index).findLast((event) => event.workflowTaskStartedEventAttributes);
  const lengthMs = tsToMs(events[index]?.timerStartedEventAttributes?.startToFireTimeout);
  return tsToMs(task?.eventTime) + lengthMs - tsToMs(events[0]?.eventTime);
}

/**
 * When the run's settle delay ended, ms after the run's start: when its timer was due. If its first task came later
 * than the delay, it needed no timer, and the delay ended with that task. How busy the machine is does not matter.
 */
export function settledAtMs(events: readonly HistoryEvent[], delayMs: number): number {
  if (events.some((event) => event.timerStartedEventAttributes)) return firstTimerDueMs(events);
  const task = events.find((event) => event.workflowTaskStartedEventAttributes);
  const cameMs = tsToMs(task?.eventTime) - tsToMs(events[0]?.eventTime);
  return cameMs > delayMs ? delayMs : cameMs;
}

/** What the run did, in order: `timer` for one that fired, the name of the activity for one that was scheduled. */
export function stepsOf(events: readonly HistoryEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.timerFiredEventAttributes) return ['timer'];
    return event.activityTaskScheduledEventAttributes?.activityType?.name ?? [];
  });
}

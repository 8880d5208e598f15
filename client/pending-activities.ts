/** What the server shows of a run's activities that are open: attempts that wait or are in flight, and the poll. */
import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { given } from '../contract/given.ts';
import { ACTIVITY_TYPES, readDeliveryActivityId } from '../contract/server-names.ts';
import { failureInWords } from './failure-in-words.ts';
import type { PendingDelivery } from './run-facts.ts';

/** PENDING_ACTIVITY_STATE_SCHEDULED: the activity waits between two attempts, or waits for a worker. Of a workflow task
 *  PENDING_WORKFLOW_TASK_STATE_SCHEDULED has the same number. */
export const SCHEDULED = 1;
/** A live worker with a free slot takes a task within moments, ms. A busy one may take longer. */
export const SLOW_MS = 10_000;

type Described = Pick<WorkflowExecutionDescription, 'raw'>;
/** An open activity, as the server describes it. */
export type PendingActivity = NonNullable<Described['raw']['pendingActivities']>[number];

/** Whether it waits for a worker. One that is retried later has a next time: then it waits for its rung. */
export function waitsForWorker({ state, paused, nextAttemptScheduleTime }: PendingActivity): boolean {
  return Number(state) === SCHEDULED && paused !== true && !nextAttemptScheduleTime;
}

/** The delivery activities that are open. */
export function pendingOf({ raw }: Described): PendingDelivery[] {
  return (raw.pendingActivities ?? []).flatMap((activity) => {
    const id = readDeliveryActivityId(activity.activityId ?? '');
    if (id === undefined) return [];
    return {
      endpointId: id.endpointId,
      attemptsMade: id.firstAttempt - 1 + (activity.attempt ?? 1) - 1,
      isWaiting: Number(activity.state) === SCHEDULED,
      nextAttemptAtMs: optionalTsToMs(activity.nextAttemptScheduleTime ?? activity.scheduledTime),
      ...given({ dueSinceMs: dueSinceMs(activity) }),
    };
  });
}

/** Since when an attempt is due that no worker has started. Undefined if it is not due, or only just. Our own clock may
 *  be ahead, so the server says what still waits for its rung. */
function dueSinceMs(activity: PendingActivity): number | undefined {
  if (!waitsForWorker(activity)) return undefined;
  const dueMs = optionalTsToMs(activity.scheduledTime);
  return dueMs !== undefined && Date.now() - dueMs > SLOW_MS ? dueMs : undefined;
}

/** What the artifact source lacks, by the last failure of the poll. */
export async function artifactsAwaited(
  { raw }: Described,
  converter: LoadedDataConverter,
): Promise<string | undefined> {
  const polls = raw.pendingActivities?.find(({ activityType }) => activityType?.name === ACTIVITY_TYPES.fetchArtifacts);
  return polls?.lastFailure ? failureInWords(polls.lastFailure, converter) : undefined;
}

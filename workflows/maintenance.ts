/**
 * The routine: one activity of the stand-alone worker, whose counts the Web UI shows. Temporal's Schedules start it
 * (`topcalls-webhooks setup --maintenance`). A run that left something undone fails, so that the list shows it red.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
} from '@temporalio/workflow';
import type { MaintenanceActivities, MaintenanceInput, MaintenanceOutcome } from '../contract/maintenance.ts';

/** Reconciles or prunes the delivery log. Returns what it did. Fails as `MaintenanceFailed`: the log was down for
 *  long, records are missing, or the worker has no log or no such activity. The next run of the schedule tries again. */
export async function webhookMaintenance(input: MaintenanceInput): Promise<MaintenanceOutcome> {
  const activities = proxyActivities<MaintenanceActivities>({
    startToCloseTimeout: '6 hours',
    // It tells of itself after every few runs, and twice a minute.
    heartbeatTimeout: '2 minutes',
    // An outage of a quarter of an hour is waited for.
    retry: { initialInterval: '30 seconds', maximumAttempts: 6 },
    // Webhooks go first. A number and no name: an import costs the bundle 200 bytes.
    priority: { priorityKey: 5 },
  });
  try {
    const outcome = await activities[`${input.job}DeliveryLog`](input);
    setCurrentDetails(outcome.words);
    return outcome;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    // The run's own words. Otherwise the Web UI says only that an activity has failed.
    const failure = ApplicationFailure.nonRetryable(`${input.job}: ${error.cause?.message}`, 'MaintenanceFailed');
    failure.stack = '';
    throw failure;
  }
}

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
import { FAILURE_TYPES, WAITING_PRIORITY } from '../contract/names.ts';

/** Reconciles or prunes the delivery log. Returns what it did. Fails as `MaintenanceFailed`: the log was down for long,
 *  records are missing, or the worker has no log or no such activity. The next run of the schedule tries again. */
export async function webhookMaintenance(input: MaintenanceInput): Promise<MaintenanceOutcome> {
  const { reconcileDeliveryLog, pruneDeliveryLog } = proxyActivities<MaintenanceActivities>({
    startToCloseTimeout: '6 hours',
    // It tells of itself after every few runs, and twice a minute.
    heartbeatTimeout: '2 minutes',
    // An outage of 20 minutes is waited for.
    retry: { initialInterval: '10 seconds', backoffCoefficient: 3, maximumInterval: '10 minutes', maximumAttempts: 6 },
    // Webhooks go first.
    priority: { priorityKey: WAITING_PRIORITY },
  });
  try {
    const outcome = await (input.job === 'prune' ? pruneDeliveryLog : reconcileDeliveryLog)(input);
    setCurrentDetails(outcome.words);
    return outcome;
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const message = `${input.job}: ${error.cause?.message ?? error.message}`;
    setCurrentDetails(message);
    const failure = ApplicationFailure.create({ type: FAILURE_TYPES.maintenanceFailed, nonRetryable: true, message });
    failure.stack = '';
    throw failure;
  }
}

/**
 * The routine that Temporal's Schedules start: reconciling the delivery log, and pruning it. `setup --maintenance`
 * makes the schedules, the workflow `webhookMaintenance` runs, and the stand-alone worker has the activities. Pure
 * data.
 */

/** Type of the workflow, as the Web UI shows it. */
export const MAINTENANCE_TYPE = 'webhookMaintenance';

/** What a run does, and with which limit, ms. */
export type MaintenanceInput =
  /** Reconciles the closed runs that ended within `sinceMs`. */
  | { readonly job: 'reconcile'; readonly sinceMs: number }
  /** Deletes the records of deliveries that ended longer ago than `olderThanMs`. */
  | { readonly job: 'prune'; readonly olderThanMs: number };

/** What a run did: numbers only, and the same in words. */
export type MaintenanceOutcome = {
  readonly job: MaintenanceInput['job'];
  readonly words: string;
  readonly counts: Readonly<Record<string, number>>;
};

/** The activities of `webhookMaintenance`. They fail as `MaintenanceFailed` if something is left undone. */
export type MaintenanceActivities = {
  reconcileDeliveryLog(input: MaintenanceInput): Promise<MaintenanceOutcome>;
  pruneDeliveryLog(input: MaintenanceInput): Promise<MaintenanceOutcome>;
};

/** Failure type of the activities when they leave something undone. The message says what, in numbers. Not in names.ts,
 *  which workflows load. */
export const MAINTENANCE_FAILED = 'MaintenanceFailed';

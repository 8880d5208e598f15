/** Options of `setup` about the routine, checked together. Pure. */
import { DEFAULT_TASK_QUEUE } from '../../../contract/server-names.ts';
import { filled, type Env } from '../../../temporal-server/env.ts';
import { usageError } from '../../process/exit.ts';
import { typedSpan } from '../../process/time-span.ts';
import type { MaintenanceSettings } from './maintenance.ts';

/** What commander gives. Spans in ms. */
export type MaintenanceOptions = {
  readonly maintenance: boolean;
  readonly removeMaintenance: boolean;
  readonly taskQueue?: string;
  readonly reconcileEvery?: number;
  readonly reconcileSince?: number;
  readonly pruneEvery?: number;
  readonly pruneOlderThan?: number;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The settings, or undefined without `--maintenance`. Throws CliError `bad_option` for what does not fit together. */
export function maintenanceSettings(options: MaintenanceOptions, env: Env): MaintenanceSettings | undefined {
  const { maintenance, removeMaintenance, taskQueue, reconcileEvery, reconcileSince, pruneEvery, pruneOlderThan } =
    options;
  if (maintenance && removeMaintenance)
    throw usageError('--maintenance and --remove-maintenance exclude each other: give one of them');
  const details = { taskQueue, reconcileEvery, reconcileSince, pruneEvery, pruneOlderThan };
  if (!maintenance) {
    const [name] = Object.entries(details).find(([, value]) => value !== undefined) ?? [];
    if (name === undefined) return undefined;
    const option = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw usageError(`--${option} is about the Schedules: add --maintenance`);
  }
  const settings: MaintenanceSettings = {
    taskQueue: taskQueue ?? filled(env['TOPCALLS_TASK_QUEUE']) ?? DEFAULT_TASK_QUEUE,
    reconcileEveryMs: reconcileEvery ?? HOUR_MS,
    reconcileSinceMs: reconcileSince ?? 2 * DAY_MS,
    pruneEveryMs: pruneEvery ?? DAY_MS,
    pruneOlderThanMs: pruneOlderThan ?? 400 * DAY_MS,
  };
  const { reconcileEveryMs, reconcileSinceMs, pruneEveryMs, pruneOlderThanMs } = settings;
  if (Math.min(reconcileEveryMs, pruneEveryMs) < MINUTE_MS)
    throw usageError('--reconcile-every and --prune-every must be at least 1m');
  if (reconcileSinceMs < 2 * reconcileEveryMs) {
    const [since, every] = [typedSpan(reconcileSinceMs), typedSpan(reconcileEveryMs)];
    throw usageError(
      `--reconcile-since is ${since} and --reconcile-every ${every}: after one run that was missed, records would be ` +
        'missing for good; give at least twice the interval',
    );
  }
  if (pruneOlderThanMs < DAY_MS)
    throw usageError('--prune-older-than is below a day, which leaves nearly nothing in the log: give a longer one');
  return settings;
}

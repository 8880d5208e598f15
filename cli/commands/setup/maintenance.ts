/**
 * Temporal's Schedules for the routine: reconcile and prune. Compares what the namespace has with what is wanted,
 * makes or changes what differs, and removes them. Safe to repeat.
 */
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { inDeadline } from '../../../client/deadlines.ts';
import { grpcCauseOf, saysNotFound } from '../../../client/grpc-answers.ts';
import { MAINTENANCE_TYPE, type MaintenanceInput } from '../../../contract/maintenance.ts';
import { CliError, EXIT } from '../../process/exit.ts';
import { typedSpan } from '../../process/time-span.ts';

/** How often which job runs, on which task queue. Times in ms. */
export type MaintenanceSettings = {
  readonly taskQueue: string;
  readonly reconcileEveryMs: number;
  readonly reconcileSinceMs: number;
  readonly pruneEveryMs: number;
  readonly pruneOlderThanMs: number;
};

/** What became of one schedule. `changes`: what differs, as `every: 1 h → 30 min`. */
export type ScheduleOutcome = {
  readonly scheduleId: string;
  readonly outcome:
    | 'created'
    | 'updated'
    | 'unchanged'
    | 'removed'
    | 'absent'
    | 'would_create'
    | 'would_update'
    | 'would_remove';
  readonly words: string;
  readonly changes?: readonly string[];
  /** An operator has paused it. It stays so. */
  readonly isPaused?: boolean;
};

/** Ids of the schedules. Fixed, so that a second `setup` finds them: they serve the whole namespace. */
export const SCHEDULE_IDS = { reconcile: 'topcalls-webhooks/reconcile', prune: 'topcalls-webhooks/prune' } as const;

/** After an outage a run that was missed is made up for once, if it is not older. The next one does the same work. */
const CATCH_UP_MS = 600_000;
/** So that not everything of a cluster starts at the full hour. */
const JITTER_MS = 60_000;

/** Makes or changes the schedules; in a dry run says only what it would do. Rejects with CliError `schedule_unreadable`
 *  where one cannot be decoded, else with the SDK's errors. */
export async function applySchedules(
  client: Client,
  settings: MaintenanceSettings,
  dryRun: boolean,
): Promise<readonly ScheduleOutcome[]> {
  const outcomes: ScheduleOutcome[] = [];
  for (const wanted of wantedSchedules(settings)) outcomes.push(await applyOne(client, wanted, dryRun));
  return outcomes;
}

/** Removes the schedules. Runs that they have started go on. */
export async function removeSchedules(client: Client, dryRun: boolean): Promise<readonly ScheduleOutcome[]> {
  const outcomes: ScheduleOutcome[] = [];
  for (const scheduleId of Object.values(SCHEDULE_IDS)) {
    const handle = client.schedule.getHandle(scheduleId);
    // Not described: it can be removed without the keys to read it.
    const isThere = dryRun ? await exists(client, scheduleId) : await removed(client, handle);
    const outcome = !isThere ? 'absent' : dryRun ? 'would_remove' : 'removed';
    outcomes.push({ scheduleId, outcome, words: WORDS[outcome] });
  }
  return outcomes;
}

const WORDS = { absent: 'is not there', removed: 'removed', would_remove: 'would be removed' } as const;

/** A schedule, as far as this command decides about it. */
type Wanted = {
  readonly scheduleId: string;
  readonly everyMs: number;
  readonly taskQueue: string;
  readonly input: MaintenanceInput;
};

function wantedSchedules(settings: MaintenanceSettings): readonly Wanted[] {
  const { taskQueue, reconcileEveryMs, reconcileSinceMs, pruneEveryMs, pruneOlderThanMs } = settings;
  return [
    {
      scheduleId: SCHEDULE_IDS.reconcile,
      everyMs: reconcileEveryMs,
      taskQueue,
      input: { job: 'reconcile', sinceMs: reconcileSinceMs },
    },
    {
      scheduleId: SCHEDULE_IDS.prune,
      everyMs: pruneEveryMs,
      taskQueue,
      input: { job: 'prune', olderThanMs: pruneOlderThanMs },
    },
  ];
}

async function applyOne(client: Client, wanted: Wanted, dryRun: boolean): Promise<ScheduleOutcome> {
  const { scheduleId } = wanted;
  const handle = client.schedule.getHandle(scheduleId);
  const found = await described(client, handle);
  const facts = Object.entries(factsWanted(wanted));
  const all = facts.map(([name, value]) => `${name} ${value}`).join(', ');
  if (found === undefined) {
    if (dryRun) return { scheduleId, outcome: 'would_create', words: `would be made: ${all}` };
    try {
      await inDeadline(client, () => client.schedule.create({ scheduleId, ...optionsOf(wanted) }));
      return { scheduleId, outcome: 'created', words: `made: ${all}` };
    } catch (error) {
      // Another setup at the same time came first. What it made is compared now.
      if (error instanceof ScheduleAlreadyRunning) return applyOne(client, wanted, dryRun);
      throw error;
    }
  }
  const now = factsFound(found);
  const changes = facts.flatMap(([name, value]) =>
    now[name] === value ? [] : [`${name}: ${now[name] ?? 'none'} → ${value}`],
  );
  const isPaused = found.state.paused;
  const paused = isPaused ? '; it is paused, and stays so' : '';
  const outcome = changes.length === 0 ? 'unchanged' : dryRun ? 'would_update' : 'updated';
  // A paused schedule stays paused: somebody had a reason.
  if (outcome === 'updated') {
    await inDeadline(client, () =>
      handle.update(({ state }) => ({ ...optionsOf(wanted), state: { paused: state.paused, ...noteOf(state) } })),
    );
  }
  const words = outcome === 'unchanged' ? `is as wanted: ${all}` : `${HOW[outcome]}: ${changes.join('; ')}`;
  return {
    scheduleId,
    outcome,
    words: `${words}${paused}`,
    ...(changes.length > 0 && { changes }),
    ...(isPaused && { isPaused }),
  };
}

const HOW = { updated: 'changed', would_update: 'would be changed' } as const;

function noteOf({ note }: { readonly note?: string | undefined }): { readonly note?: string } {
  return note === undefined ? {} : { note };
}

function optionsOf({ everyMs, taskQueue, input }: Wanted): Omit<ScheduleOptions, 'scheduleId'> {
  return {
    spec: { intervals: [{ every: everyMs }], jitter: JITTER_MS },
    action: {
      type: 'startWorkflow',
      workflowType: MAINTENANCE_TYPE,
      // The server adds the time of the run.
      workflowId: `webhook-maintenance/${input.job}`,
      taskQueue,
      args: [input],
      staticSummary: `${input.job} the delivery log`,
      // Without a worker the run would wait for ever, and the schedule with it.
      workflowExecutionTimeout: '1 day',
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP_MS },
  };
}

/** What a person sees of a schedule, and what is compared. */
type Facts = Readonly<Record<string, string>>;

function factsWanted({ everyMs, taskQueue, input }: Wanted): Facts {
  return factsFrom({ everyMs, taskQueue, input, type: MAINTENANCE_TYPE, overlap: 'SKIP', catchUpMs: CATCH_UP_MS });
}

function factsFound({ spec, action, policies }: ScheduleDescription): Facts {
  return factsFrom({
    everyMs: spec.intervals?.length === 1 ? Number(spec.intervals[0]?.every) : Number.NaN,
    taskQueue: action.taskQueue,
    input: action.args?.[0],
    type: action.workflowType,
    overlap: String(policies.overlap),
    catchUpMs: policies.catchupWindow,
  });
}

function factsFrom(facts: {
  readonly everyMs: number;
  readonly taskQueue: string | undefined;
  readonly input: unknown;
  readonly type: string;
  readonly overlap: string;
  readonly catchUpMs: number;
}): Facts {
  const { job, sinceMs, olderThanMs } = (facts.input ?? {}) as Partial<Record<string, unknown>>;
  return {
    every: typedSpan(facts.everyMs),
    'task queue': facts.taskQueue ?? 'none',
    ...(job === 'prune'
      ? { 'records older than': typedSpan(olderThanMs) }
      : { 'runs of the last': typedSpan(sinceMs) }),
    overlap: facts.overlap.toLowerCase(),
    'catch-up': typedSpan(facts.catchUpMs),
    type: facts.type,
  };
}

async function described(client: Client, handle: ScheduleHandle): Promise<ScheduleDescription | undefined> {
  try {
    return await inDeadline(client, () => handle.describe());
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    if (grpcCauseOf(error) !== undefined) throw error;
    // Whatever is no answer of the server is about decoding.
    const fix = "give the worker's TOPCALLS_ENCRYPTION_KEYS";
    const words = `schedule ${handle.scheduleId} is there and cannot be read: ${fix}`;
    throw new CliError('schedule_unreadable', EXIT.failed, words, { cause: error });
  }
}

async function removed(client: Client, handle: ScheduleHandle): Promise<boolean> {
  try {
    await inDeadline(client, () => handle.delete());
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}

async function exists(client: Client, scheduleId: string): Promise<boolean> {
  const { namespace } = client.options;
  try {
    await inDeadline(client, () => client.workflowService.describeSchedule({ namespace, scheduleId }));
    return true;
  } catch (error) {
    if (saysNotFound(error)) return false;
    throw error;
  }
}

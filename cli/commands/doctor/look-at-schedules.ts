/** Looks at the Schedules of the routine, as the server has them. Nothing of them is decoded, so no keys are needed. */
import type { Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { inDeadline } from '../../../client/deadlines.ts';
import { grpcCauseOf, saysNotFound, statusNameOf } from '../../../client/grpc-answers.ts';
import { given } from '../../../contract/given.ts';
import { SCHEDULE_IDS } from '../setup/maintenance.ts';

/** A Schedule that is there. Times in ms, by the server's clock. */
export type ScheduleSeen = {
  readonly everyMs: number;
  readonly isPaused: boolean;
  /** When it was made or last changed. */
  readonly changedMs: number;
  /** Its last run. Absent before the first one. `isOver`: it has ended. `hasFailed`: not as it should. */
  readonly last?: {
    readonly workflowId: string;
    readonly startedMs: number;
    readonly isOver: boolean;
    readonly hasFailed: boolean;
  };
};

/** Both Schedules by their ids; undefined where one is not there, or not for this client. */
export type SchedulesSeen = Readonly<Record<string, ScheduleSeen | undefined>>;

/** Asks for both. Rejects with the server's error. */
export async function schedulesOf(client: Client): Promise<SchedulesSeen> {
  const ids = Object.values(SCHEDULE_IDS);
  return Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await scheduleOf(client, id)] as const)));
}

async function scheduleOf(client: Client, scheduleId: string): Promise<ScheduleSeen | undefined> {
  const { namespace } = client.options;
  try {
    const described = await inDeadline(client, () =>
      client.workflowService.describeSchedule({ namespace, scheduleId }),
    );
    return seenIn(described, await lastStatus(client, described));
  } catch (error) {
    if (NOT_HERE.has(statusNameOf(grpcCauseOf(error)))) return undefined;
    throw error;
  }
}

/** Not every client may see Schedules, and not every server has them. Then nobody asked for the routine here. */
const NOT_HERE: ReadonlySet<string> = new Set(['NOT_FOUND', 'PERMISSION_DENIED', 'UNIMPLEMENTED']);

type Described = Awaited<ReturnType<Client['workflowService']['describeSchedule']>>;

/** How the last run stands. Asked of the run: a Schedule learns of its end only before the next one. Undefined if the
 *  server has forgotten it, or there was none. */
async function lastStatus(client: Client, { info }: Described): Promise<number | undefined> {
  const execution = info?.recentActions?.at(-1)?.startWorkflowResult;
  if (execution === undefined || execution === null) return undefined;
  const { namespace } = client.options;
  try {
    const { workflowExecutionInfo } = await inDeadline(client, () =>
      client.workflowService.describeWorkflowExecution({ namespace, execution }),
    );
    return workflowExecutionInfo?.status ?? undefined;
  } catch (error) {
    if (saysNotFound(error)) return undefined;
    throw error;
  }
}

/** WORKFLOW_EXECUTION_STATUS_RUNNING, and those of an end that is none of our wishes: failed, terminated, timed out. */
const RUNNING = 1;
const FAILED: ReadonlySet<number> = new Set([3, 5, 7]);

function seenIn({ schedule, info }: Described, status: number | undefined): ScheduleSeen {
  const [interval] = schedule?.spec?.interval ?? [];
  const last = info?.recentActions?.at(-1);
  return {
    everyMs: optionalTsToMs(interval?.interval) ?? 0,
    isPaused: schedule?.state?.paused === true,
    changedMs: optionalTsToMs(info?.updateTime) ?? optionalTsToMs(info?.createTime) ?? 0,
    ...given({
      last: last && {
        workflowId: last.startWorkflowResult?.workflowId ?? '',
        startedMs: optionalTsToMs(last.actualTime) ?? 0,
        isOver: status !== RUNNING,
        hasFailed: status !== undefined && FAILED.has(status),
      },
    }),
  };
}

/** Which of the open runs may stand still, for survey-runs.ts to look at. Temporal's own lists tell. */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { DEFAULT_DELIVERY_POLICY } from '../contract/default-policy.ts';
import { FINAL_STATES } from '../contract/delivery-state.ts';
import { ATTRIBUTES } from '../contract/names.ts';
import { listedRuns, OUR_TYPES, quoted } from './runs-of-workflow.ts';

/** Runs that are described, at most. A server describes some hundred a second. */
const MAX_DESCRIBED = 500;
/** Most runs of one kind, if there are more open runs than may be described. */
const MAX_OF_A_KIND = 100;
/** A worker that has a free slot takes a task within moments, ms. */
export const OVERDUE_MS = 60_000;

/** The query of our open runs. */
export const OPEN = `${OUR_TYPES} AND ExecutionStatus = 'Running'`;
/** The server sets these attributes itself: after some failures of a workflow task in a row, and while an activity is
 *  paused. */
export const FAILING = 'TemporalReportedProblems IS NOT NULL';
export const PAUSED = 'TemporalPauseInfo IS NOT NULL';
/** A first attempt that succeeds leaves `started`. A run that is still so after all its waits stands still. */
const STARTED_MS = DEFAULT_DELIVERY_POLICY.settleDelayMs + DEFAULT_DELIVERY_POLICY.artifactDeadlineMs + OVERDUE_MS;

/** The runs to describe: all open ones if they are few, else some of each kind that may stand still. */
export async function suspects(
  client: Client,
  open: number | undefined,
  { nowMs, taskQueue }: { readonly nowMs: () => number; readonly taskQueue: string },
): Promise<{ readonly runs: readonly WorkflowExecutionInfo[]; readonly isWhole: boolean }> {
  const list = (condition: string, limit: number) =>
    listedRuns(client, condition === '' ? OPEN : `${OPEN} AND ${condition}`, limit);
  const newest = await list('', open === undefined || open > MAX_DESCRIBED ? MAX_OF_A_KIND : MAX_DESCRIBED);
  if (open !== undefined && open <= MAX_DESCRIBED) return { runs: newest, isWhole: newest.length >= open };
  const old = new Date(nowMs() - STARTED_MS).toISOString();
  const ended = FINAL_STATES.map(quoted).join(', ');
  const kinds = await Promise.all(
    [
      FAILING,
      PAUSED,
      `${ATTRIBUTES.state} = 'waiting_for_us'`,
      // Its deliveries have ended, and it is not closed: it waits for the log.
      `${ATTRIBUTES.state} IN (${ended})`,
      `${ATTRIBUTES.state} = 'started' AND StartTime < '${old}'`,
      `${ATTRIBUTES.state} = 'retrying'`,
      `TaskQueue != ${quoted(taskQueue)}`,
    ].map((condition) => list(condition, MAX_OF_A_KIND).catch(() => [])),
  );
  const byRun = new Map([...kinds.flat(), ...newest].map((run) => [run.runId, run]));
  return { runs: [...byRun.values()].slice(0, MAX_DESCRIBED), isWhole: false };
}

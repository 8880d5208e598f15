/** The runs of one workflow id, or the run with one run id, as Temporal's list has them. It lags a moment behind. */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { WORKFLOW_TYPES } from '../contract/server-names.ts';
import { eachInDeadline } from './deadlines.ts';
import { withoutMemos } from './without-memos.ts';

/** Condition of a query: runs of this module. */
export const OUR_TYPES = `WorkflowType IN (${Object.values(WORKFLOW_TYPES).map(quoted).join(', ')})`;

/** The runs of this workflow id, the latest first, at most `limit`. */
export async function runsOfWorkflow(
  client: Client,
  workflowId: string,
  limit: number,
): Promise<WorkflowExecutionInfo[]> {
  const runs = await listedRuns(client, `WorkflowId = ${quoted(workflowId)} AND ${OUR_TYPES}`, limit);
  return runs.toSorted((a, b) => b.startTime.getTime() - a.startTime.getTime());
}

/** The server's own limit of a page. */
const MAX_PAGE = 1_000;

/** The runs that fit the query, at most `limit`. Rejects with the SDK's errors. */
export async function listedRuns(client: Client, query: string, limit: number): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const run of eachInDeadline(
    client,
    withoutMemos(client).list({ query, pageSize: Math.min(limit, MAX_PAGE) }),
  )) {
    found.push(run);
    if (found.length >= limit) break;
  }
  return found;
}

/** A text as a value of a query. */
export function quoted(value: string): string {
  return `'${value.replaceAll(/['\\]/g, '\\$&')}'`;
}

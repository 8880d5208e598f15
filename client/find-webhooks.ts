/**
 * Visibility queries: which webhooks are in a state, of a campaign, for an endpoint. Temporal's list is eventually
 * consistent and holds every run of an id, so each id is found once, and only if its latest run is the one that fits.
 */
import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { isEventName, type EventName } from '../contract/event-types.ts';
import { WORKFLOW_TYPES } from '../contract/names.ts';
import type { CheckedFindFilter, FindableState } from '../contract/schemas/find-filter.ts';
import { eachInDeadline, inDeadline } from './deadlines.ts';
import { SEARCH_KEYS } from './start-options.ts';

/** One run as Temporal's list tells it. */
export type FoundRun = {
  readonly workflowId: string;
  readonly runId: string;
  readonly state: FindableState;
  readonly event?: EventName;
  readonly startedAt: Date;
  readonly endedAt?: Date;
};

/** Webhooks whose latest run fits, as the server lists them: running ones first, then the latest end. */
export async function* findLatestRuns(client: Client, filter: CheckedFindFilter): AsyncGenerator<FoundRun> {
  const seen = new Set<string>();
  for await (const run of findRuns(client, filter)) {
    if (seen.has(run.workflowId)) continue;
    seen.add(run.workflowId);
    if (await isLatest(client, run)) yield run;
  }
}

/** Every run that fits, also those that a redelivery has followed. */
export async function* findRuns(client: Client, filter: CheckedFindFilter): AsyncGenerator<FoundRun> {
  const list = client.workflow.list({ query: queryOf(filter) });
  for await (const info of eachInDeadline(client, list)) yield foundRun(info);
}

/** The visibility query of a filter, also for `temporal workflow list --query` and the Web UI. The filter's schema leaves no
 *  quote in any value. */
export function queryOf(filter: CheckedFindFilter): string {
  const { state, endpointId, campaignId, accountId, event, since, until } = filter;
  const time = state === undefined || isOpen(state) ? 'StartTime' : 'CloseTime';
  const conditions = [
    `WorkflowType IN (${Object.values(WORKFLOW_TYPES).map(quoted).join(', ')})`,
    ...(state === undefined ? [] : CONDITIONS[state]),
    ...(endpointId === undefined ? [] : [`WebhookEndpoints = ${quoted(endpointId)}`]),
    ...(campaignId === undefined ? [] : [`WebhookCampaignId = ${quoted(campaignId)}`]),
    ...(accountId === undefined ? [] : [`WebhookAccountId = ${quoted(accountId)}`]),
    ...(event === undefined ? [] : [`WebhookEvent = ${quoted(event)}`]),
    ...(since === undefined ? [] : [`${time} >= ${quoted(since)}`]),
    ...(until === undefined ? [] : [`${time} < ${quoted(until)}`]),
  ];
  return conditions.join(' AND ');
}

const CONDITIONS: Readonly<Record<FindableState, readonly string[]>> = {
  running: [`ExecutionStatus = 'Running'`],
  retrying: [`ExecutionStatus = 'Running'`, `WebhookState = 'retrying'`],
  delivered: [`ExecutionStatus = 'Completed'`],
  failed: [`ExecutionStatus = 'Failed'`],
  cancelled: [`ExecutionStatus = 'Canceled'`],
  terminated: [`ExecutionStatus IN ('Terminated', 'TimedOut')`],
};

const STATE_OF: Readonly<Record<string, FindableState>> = {
  COMPLETED: 'delivered',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'terminated',
};

function isOpen(state: FindableState): boolean {
  return state === 'running' || state === 'retrying';
}

function quoted(value: string): string {
  return `'${value}'`;
}

function foundRun(info: WorkflowExecutionInfo): FoundRun {
  const { workflowId, runId, startTime, closeTime, status } = info;
  const open = info.typedSearchAttributes.get(SEARCH_KEYS.state) === 'retrying' ? 'retrying' : 'running';
  const event = info.typedSearchAttributes.get(SEARCH_KEYS.event);
  return {
    workflowId,
    runId,
    state: STATE_OF[status.name] ?? open,
    startedAt: startTime,
    ...(event === undefined || !isEventName(event) ? {} : { event }),
    ...(closeTime === undefined ? {} : { endedAt: closeTime }),
  };
}

/** A running run is the latest of its id; of an ended one the server is asked. */
async function isLatest(client: Client, { workflowId, runId, state }: FoundRun): Promise<boolean> {
  if (isOpen(state)) return true;
  try {
    const latest = await inDeadline(client, () => client.workflow.getHandle(workflowId).describe());
    return latest.runId === runId;
  } catch (error) {
    // Retention took it between the list and the question.
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

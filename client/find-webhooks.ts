/**
 * Finds webhooks through Temporal's list: by state, campaign, endpoint and more. The list holds every run of a
 * workflow id. Here each id is yielded once, and only if its latest run fits. The list is eventually consistent: it
 * lags a moment behind.
 */
import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { isEventName, type EventName } from '../contract/event-types.ts';
import { given } from '../contract/given.ts';
import { ATTRIBUTES } from '../contract/names.ts';
import { WORKFLOW_TYPES } from '../contract/server-names.ts';
import type { CheckedFindFilter, FindableState } from '../contract/schemas/find-filter.ts';
import { searchableId } from '../contract/workflow-id.ts';
import { eachInDeadline, inDeadline, isAboutOneRun } from './deadlines.ts';
import { SEARCH_KEYS } from './start-options.ts';
import { withoutMemos } from './without-memos.ts';

/** One run, as Temporal's list shows it. */
export type FoundRun = {
  readonly workflowId: string;
  readonly runId: string;
  readonly state: FindableState;
  readonly event?: EventName;
  readonly startedAt: Date;
  readonly endedAt?: Date;
};

/** Yields each webhook whose latest run fits the filter. The server's order: running ones first, then by end, latest
 *  first. */
export async function* findLatestRuns(
  client: Client,
  filter: CheckedFindFilter,
  onSkipped: (run: SkippedRun) => void = () => {},
): AsyncGenerator<FoundRun> {
  const seen = new Set<string>();
  for await (const run of findRuns(client, filter)) {
    if (seen.has(run.workflowId)) continue;
    seen.add(run.workflowId);
    if (!isAsked(run.state, filter)) continue;
    try {
      if (!(await isLatest(client, run))) continue;
    } catch (error) {
      if (!(await isAboutOneRun(client, error))) throw error;
      onSkipped({ workflowId: run.workflowId, runId: run.runId, error });
      continue;
    }
    yield run;
  }
}

/** A run that the search passed over, because the server did not say whether it is the latest of its id. */
export type SkippedRun = { readonly workflowId: string; readonly runId: string; readonly error: unknown };

/** Yields every run that fits the filter, also runs that a redelivery has followed. */
export async function* findRuns(client: Client, filter: CheckedFindFilter): AsyncGenerator<FoundRun> {
  const list = withoutMemos(client).list({ query: queryOf(filter) });
  for await (const info of eachInDeadline(client, list)) yield foundRun(info);
}

/** The visibility query of a filter. It also works in `temporal workflow list --query` and in the Web UI. Values need
 *  no escaping: ids are encoded, and the filter's schema allows no quote in the others. */
export function queryOf(filter: CheckedFindFilter): string {
  const { endpointId, campaignId, accountId, event, startedSince, startedUntil } = filter;
  const conditions = [
    `WorkflowType IN (${Object.values(WORKFLOW_TYPES).map(quoted).join(', ')})`,
    ...stateConditions(filter),
    ...(endpointId === undefined ? [] : [`${ATTRIBUTES.endpoints} = ${quoted(endpointId)}`]),
    ...(campaignId === undefined ? [] : [`${ATTRIBUTES.campaignId} = ${quoted(searchableId(campaignId))}`]),
    ...(accountId === undefined ? [] : [`${ATTRIBUTES.accountId} = ${quoted(searchableId(accountId))}`]),
    ...(event === undefined ? [] : [`${ATTRIBUTES.event} = ${quoted(event)}`]),
    ...between('StartTime', startedSince, startedUntil),
  ];
  return conditions.join(' AND ');
}

/** Each state with its own meaning of `since` and `until`. */
function stateConditions({ state, since, until }: CheckedFindFilter): readonly string[] {
  if (state === undefined) return between('StartTime', since, until);
  const groups = statesIn(state).map((each) => [
    ...CONDITIONS[each],
    ...between(isOpen(each) ? 'StartTime' : 'CloseTime', since, until),
  ]);
  const [only = []] = groups;
  return groups.length === 1 ? only : [`(${groups.map((group) => `(${group.join(' AND ')})`).join(' OR ')})`];
}

function between(time: string, since: string | undefined, until: string | undefined): readonly string[] {
  return [
    ...(since === undefined ? [] : [`${time} >= ${quoted(since)}`]),
    ...(until === undefined ? [] : [`${time} < ${quoted(until)}`]),
  ];
}

/** The query of `failed` also finds what is gone or refused, so that it needs no search attribute. */
function isAsked(found: FindableState, { state }: CheckedFindFilter): boolean {
  return state === undefined || isOpen(found) || statesIn(state).includes(found);
}

function statesIn(state: FindableState | readonly FindableState[]): readonly FindableState[] {
  return [state].flat();
}

const CONDITIONS: Readonly<Record<FindableState, readonly string[]>> = {
  running: [`ExecutionStatus = 'Running'`],
  // A run is shown as waiting for us although another endpoint of it may be retrying.
  retrying: [`ExecutionStatus = 'Running'`, `${ATTRIBUTES.state} IN ('retrying', 'waiting_for_us')`],
  waiting_for_us: [`ExecutionStatus = 'Running'`, `${ATTRIBUTES.state} = 'waiting_for_us'`],
  delivered: [`ExecutionStatus = 'Completed'`],
  failed: [`ExecutionStatus = 'Failed'`],
  gone: [`ExecutionStatus = 'Failed'`, `${ATTRIBUTES.state} = 'gone'`],
  refused: [`ExecutionStatus = 'Failed'`, `${ATTRIBUTES.state} = 'refused'`],
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
  return state === 'running' || state === 'retrying' || state === 'waiting_for_us';
}

function quoted(value: string): string {
  return `'${value}'`;
}

/** A run of Temporal's list in our words. */
export function foundRun(info: WorkflowExecutionInfo): FoundRun {
  const { workflowId, runId, startTime, closeTime, status } = info;
  const shown = info.typedSearchAttributes.get(SEARCH_KEYS.state);
  const open = shown === 'retrying' || shown === 'waiting_for_us' ? shown : 'running';
  const ended = STATE_OF[status.name];
  const event = info.typedSearchAttributes.get(SEARCH_KEYS.event);
  return {
    workflowId,
    runId,
    state: ended === 'failed' && (shown === 'gone' || shown === 'refused') ? shown : (ended ?? open),
    startedAt: startTime,
    ...given({ event: event !== undefined && isEventName(event) ? event : undefined, endedAt: closeTime }),
  };
}

/** Whether this run is the latest of its id. A running one always is. For an ended one we ask the server. */
async function isLatest(client: Client, { workflowId, runId, state }: FoundRun): Promise<boolean> {
  if (isOpen(state)) return true;
  try {
    const latest = await inDeadline(client, () => withoutMemos(client).getHandle(workflowId).describe());
    return latest.runId === runId;
  } catch (error) {
    // Retention has removed it since the list was made.
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** Runs as Temporal's list shows them, with account and endpoints: for the health of many endpoints at once. Nothing of
 *  a run is read but its line in the list. */
import type { Client } from '@temporalio/client';
import { given } from '../contract/given.ts';
import { findFilterSchema, type FindableState, type FindFilter } from '../contract/schemas/find-filter.ts';
import { eachInDeadline, inDeadline } from './deadlines.ts';
import { foundRun, queryOf } from './find-webhooks.ts';
import { SEARCH_KEYS } from './start-options.ts';
import { withoutMemos } from './without-memos.ts';

/** One run of the list. */
export type ListedRun = {
  readonly workflowId: string;
  readonly runId: string;
  readonly state: FindableState;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Of this run, or of the runs before it. Absent if the namespace lacks our search attributes. */
  readonly endpointIds?: readonly string[];
  /** As the list has it: `searchableId` of the account's id. */
  readonly account?: string;
};

/** Most runs that a server gives at once. */
const PAGE = 1_000;

/** Yields every run that fits the filter, also runs that a redelivery has followed. */
export async function* listRuns(client: Client, filter: FindFilter): AsyncGenerator<ListedRun> {
  const query = queryOf(findFilterSchema.parse(filter));
  for await (const info of eachInDeadline(client, withoutMemos(client).list({ query, pageSize: PAGE }))) {
    const { workflowId, runId, state, startedAt, endedAt } = foundRun(info);
    const attributes = info.typedSearchAttributes;
    yield {
      workflowId,
      runId,
      state,
      startedAt: startedAt.toISOString(),
      ...given({
        endedAt: endedAt?.toISOString(),
        endpointIds: attributes.get(SEARCH_KEYS.endpoints),
        account: attributes.get(SEARCH_KEYS.accountId),
      }),
    };
  }
}

/** How many runs fit the filter. */
export async function countRuns(client: Client, filter: FindFilter): Promise<number> {
  const query = queryOf(findFilterSchema.parse(filter));
  const { count } = await inDeadline(client, () => client.workflow.count(query));
  return count;
}

/** Reads a run from the server: its description, its history, and why it stands still. run-status.ts computes status
 *  and result from the facts. */
import type { Client } from '@temporalio/client';
import { given } from '../contract/given.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import { fetchHistory } from './fetch-history.ts';
import type { RunFacts } from './run-facts.ts';
import { artifactsAwaited, pendingOf } from './pending-activities.ts';
import { stalledIn } from './stalled.ts';
import { withoutMemos } from './without-memos.ts';
import { readFacts } from './history-facts.ts';

/** Reads the latest run of a workflow id, or the one with `runId`.
 *  Rejects with the SDK's errors (WorkflowNotFoundError, ServiceError). Rejects with UnreadableRunError when a
 *  payload cannot be decoded, because of another codec or a missing key, and with StoredPayloadError when the external
 *  storage does not give one. */
export async function readRun(client: Client, workflowId: string, runId?: string): Promise<RunFacts> {
  const description = await withoutMemos(client).getHandle(workflowId, runId).describe();
  const events = await fetchHistory(client, description);
  const read = await readFacts(events, workflowId, client.options.loadedDataConverter);
  return {
    workflowId,
    runId: description.runId,
    status: description.status.name,
    taskQueue: description.taskQueue,
    ...read,
    pending: pendingOf(description),
    ...(await stalledIn(client, description, events)),
    ...given({ artifactsAwaited: await artifactsAwaited(description, client.options.loadedDataConverter) }),
  };
}

/** The input of a run, from its first event alone. Rejects as `readRun` does. */
export async function readInput(client: Client, workflowId: string, runId: string): Promise<AnyRunInput | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const first = history?.events?.slice(0, 1) ?? [];
  return (await readFacts(first, workflowId, client.options.loadedDataConverter)).input;
}

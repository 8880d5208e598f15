/**
 * Asks whether a worker answers. The server lists a killed worker for minutes, and what it lists is no proof. A query
 * of a run is: it is answered by a worker, and leaves nothing in the history.
 */
import type { Client } from '@temporalio/client';
import { QUERIES } from '../contract/names.ts';
import { WORKFLOW_TYPES } from '../contract/server-names.ts';
import { eachInDeadline } from './deadlines.ts';
import { grpcCauseOf, statusNameOf } from './grpc-answers.ts';
import { withoutMemos } from './without-memos.ts';

/** How long a worker may take, ms. A run in the cache of a dead worker is given to another one after 2 s. */
const ANSWER_MS = 6_000;
/** Runs that are asked side by side. One answer is enough. */
const RUNS = 3;

/** `answered`: a worker of this task queue has answered within 6 s. `silent`: none has. `nobody_to_ask`: the
 *  namespace has no run of ours on this queue. Rejects with what the SDK throws if the server does not list runs. */
export async function askWorkers(client: Client, taskQueue: string): Promise<'answered' | 'silent' | 'nobody_to_ask'> {
  const runs = await runsToAsk(client, taskQueue);
  if (runs.length === 0) return 'nobody_to_ask';
  const answers = await Promise.all(runs.map((run) => isAnswered(client, run)));
  return answers.includes(true) ? 'answered' : 'silent';
}

type RunId = { readonly workflowId: string; readonly runId: string };

/** Open runs first: the worker may have them in its cache. An ended one is replayed. */
async function runsToAsk(client: Client, taskQueue: string): Promise<RunId[]> {
  const types = Object.values(WORKFLOW_TYPES).map((type) => `'${type}'`);
  const ours = `TaskQueue = '${taskQueue.replaceAll("'", "''")}' AND WorkflowType IN (${types.join(', ')})`;
  const runs: RunId[] = [];
  for (const status of [`ExecutionStatus = 'Running'`, `ExecutionStatus = 'Completed'`]) {
    const list = withoutMemos(client).list({ query: `${ours} AND ${status}`, pageSize: RUNS });
    for await (const { workflowId, runId } of eachInDeadline(client, list)) {
      if (runs.push({ workflowId, runId }) >= RUNS) return runs;
    }
  }
  return runs;
}

/** By the raw request: the answer need not be decoded, and any answer of a worker will do. */
async function isAnswered(client: Client, execution: RunId): Promise<boolean> {
  const { namespace } = client.options;
  const query = { queryType: QUERIES.status };
  try {
    await client.withDeadline(Date.now() + ANSWER_MS, () =>
      client.workflowService.queryWorkflow({ namespace, execution, query }),
    );
    return true;
  } catch (error) {
    // A worker that fails to answer lives. The server passes its words on as INVALID_ARGUMENT.
    return statusNameOf(grpcCauseOf(error)) === 'INVALID_ARGUMENT';
  }
}

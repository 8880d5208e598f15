/**
 * Asks whether a worker answers. The server lists a killed worker for minutes, and what it lists is no proof. A query
 * of a run is: it is answered by a worker, and leaves nothing in the history.
 */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { QUERIES } from '../contract/names.ts';
import { within } from './deadlines.ts';
import { grpcCauseOf, statusNameOf } from './grpc-answers.ts';
import { listedRuns, OUR_TYPES, quoted } from './runs-of-workflow.ts';
import { pollersOf } from './task-queue.ts';

/** How long a worker may take, ms. A run in the cache of a dead worker is given to another one after 2 s. */
const ANSWER_MS = 6_000;
/** Open runs, and ended ones, that are asked side by side. One answer is enough. */
const RUNS_EACH = 2;
/** Of which they are chosen: some may belong to a version that is gone. */
const RUNS_LISTED = 10;

/** What became of the question.
 *  - `answered`: a worker of this task queue has answered within 6 s
 *  - `busy`: none has, and one has polled meanwhile: it lives, and has too much to do
 *  - `silent`: none has, and none has polled
 *  - `nobody_to_ask`: the namespace has no run of ours on this queue
 *  - `not_asked`: the server did not pass the question on, so it says nothing about workers */
export type WorkersAnswer = 'answered' | 'busy' | 'silent' | 'nobody_to_ask' | 'not_asked';

/** Asks. `nowMs`: the server's time. Rejects with what the SDK throws if the server does not list runs. */
export async function askWorkers(client: Client, taskQueue: string, nowMs: () => number): Promise<WorkersAnswer> {
  const runs = await runsToAsk(client, taskQueue);
  if (runs.length === 0) return 'nobody_to_ask';
  const askedMs = nowMs();
  const answers = await Promise.all(runs.map((run) => answerOf(client, run)));
  if (answers.includes('answered')) return 'answered';
  if (!answers.includes('silent')) return 'not_asked';
  const pollers = await pollersOf(client, taskQueue, 'workflow');
  return pollers.some(({ lastPollMs }) => lastPollMs > askedMs + CLOCK_MS) ? 'busy' : 'silent';
}

/** The two clocks are compared only so exactly, ms. */
const CLOCK_MS = 500;

type RunId = { readonly workflowId: string; readonly runId: string };

/** Two that are open: a worker may have them in its cache. Two that have ended, in whatever way: they are replayed, and
 *  cannot be those whose workflow task keeps failing, which answer no question. */
async function runsToAsk(client: Client, taskQueue: string): Promise<RunId[]> {
  const queries = [`'Running'`, `'Completed', 'Failed', 'Canceled'`].map(
    (statuses) => `TaskQueue = ${quoted(taskQueue)} AND ${OUR_TYPES} AND ExecutionStatus IN (${statuses})`,
  );
  const found = await Promise.all(queries.map((query) => listedRuns(client, query, RUNS_LISTED)));
  const isPinned = found.flat().some((run) => versionOf(run) !== undefined);
  const pollers = isPinned ? await pollersOf(client, taskQueue, 'workflow') : [];
  // A run of a version whose workers were removed answers nobody, and that is as it should be.
  const isAnswerable = (run: WorkflowExecutionInfo): boolean => {
    const version = versionOf(run);
    return version === undefined || pollers.some((poller) => poller.version === version && !poller.leftOut);
  };
  return found.flatMap((runs) => runs.filter(isAnswerable).slice(0, RUNS_EACH));
}

function versionOf({ searchAttributes }: WorkflowExecutionInfo): unknown {
  return searchAttributes['TemporalWorkerDeploymentVersion']?.[0];
}

/** By the raw request: the answer need not be decoded, and any answer of a worker will do. */
async function answerOf(client: Client, execution: RunId): Promise<'answered' | 'silent' | 'not_asked'> {
  const { namespace } = client.options;
  const query = { queryType: QUERIES.status };
  try {
    await within(client, ANSWER_MS, () => client.workflowService.queryWorkflow({ namespace, execution, query }));
    return 'answered';
  } catch (error) {
    const answer = grpcCauseOf(error);
    const status = statusNameOf(answer);
    // A worker that fails to answer lives. The server passes its words on as INVALID_ARGUMENT.
    if (status === 'INVALID_ARGUMENT') return 'answered';
    // The server does not even ask if it has seen no poller for two minutes, and says so. Other refusals are about the
    // run or the doctor: a run that is stuck or gone, a rate limit, a right that is missing.
    const isSilent = status === 'DEADLINE_EXCEEDED' || /no poller seen/i.test(answer?.details ?? '');
    return isSilent ? 'silent' : 'not_asked';
  }
}

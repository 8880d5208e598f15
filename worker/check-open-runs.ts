/**
 * Before a worker polls: can it read the runs that wait for it? A worker without the key would take their tasks all the same,
 * fail every one, and look healthy. Asked of the newest open runs of its task queue; one poisoned run beside others stops nobody.
 */
import type { DataConverter } from '@temporalio/common';
import { decodeArrayFromPayloads, loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import type { NativeConnection } from '@temporalio/worker';
import { decodingProblem } from '../contract/decoding-problem.ts';
import { WORKFLOW_TYPES } from '../contract/names.ts';

/** Where to look, and what to read with. */
export type OpenRuns = {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly dataConverter: DataConverter | undefined;
};

/** None of the newest open runs can be read with this worker's data converter. `cause`: why not the newest. */
export class UnreadableOpenRunsError extends Error {
  readonly code = 'unreadable_open_runs';
  /** Workflow ids of the runs that were tried. */
  readonly workflowIds: readonly string[];
  constructor({ namespace, taskQueue }: OpenRuns, workflowIds: readonly string[], cause: unknown) {
    const why = decodingProblem(cause);
    super(
      `this worker cannot read the open runs of task queue ${taskQueue} in namespace ${namespace}, so it does not start. The newest, ${workflowIds[0]}: ${why}. Give it the keys of the client that started them (docs/encryption.md); if those are lost, terminate the runs, or pass checkOpenRuns: false (TOPCALLS_CHECK_OPEN_RUNS=false).`,
      { cause },
    );
    this.name = 'UnreadableOpenRunsError';
    this.workflowIds = workflowIds;
  }
}

/** So many are tried: the first that can be read settles it. */
const RUNS = 5;
/** For all requests together, ms; a start must not hang on a question. */
const TIMEOUT_MS = 10_000;

/** Resolves with undefined when all is well or nothing waits, or with the server's reason where it cannot tell (no rights to
 *  list, no visibility store): that keeps no worker from its work. Rejects with `UnreadableOpenRunsError`. */
export async function checkOpenRuns(runs: OpenRuns): Promise<string | undefined> {
  const { connection } = runs;
  const read = async (): Promise<void> => {
    const ids = await newestOpenRuns(runs);
    const reasons: unknown[] = [];
    for (const id of ids) {
      const reason = await whyUnreadable(runs, id);
      if (reason === undefined) return;
      reasons.push(reason);
    }
    if (ids.length > 0)
      throw new UnreadableOpenRunsError(
        runs,
        ids.map(({ workflowId }) => workflowId),
        reasons[0],
      );
  };
  try {
    await connection.withDeadline(Date.now() + TIMEOUT_MS, read);
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableOpenRunsError) throw error;
    return error instanceof Error ? error.message : 'no answer';
  }
}

type RunId = { readonly workflowId: string; readonly runId: string };

async function newestOpenRuns({ connection, namespace, taskQueue }: OpenRuns): Promise<RunId[]> {
  const types = Object.values(WORKFLOW_TYPES).map((type) => `'${type}'`);
  const queue = taskQueue.replaceAll("'", "''");
  const query = `TaskQueue = '${queue}' AND ExecutionStatus = 'Running' AND WorkflowType IN (${types.join(', ')})`;
  const { executions } = await connection.workflowService.listWorkflowExecutions({ namespace, query, pageSize: RUNS });
  return executions.map(({ execution }) => ({
    workflowId: execution?.workflowId ?? '',
    runId: execution?.runId ?? '',
  }));
}

/** Undefined: its input can be read, or it is gone meanwhile. */
async function whyUnreadable({ connection, namespace, dataConverter }: OpenRuns, execution: RunId): Promise<unknown> {
  const request = { namespace, execution, maximumPageSize: 1 };
  const { history } = await connection.workflowService.getWorkflowExecutionHistory(request);
  const input = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  try {
    await decodeArrayFromPayloads(loadDataConverter(dataConverter), input);
    return undefined;
  } catch (error) {
    return error;
  }
}

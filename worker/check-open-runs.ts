/**
 * Checks, before a worker polls, that it can read the runs that wait for it. A worker without the key would take their
 * tasks, fail all of them, and look healthy. The check reads the newest open runs of the task queue. Only a missing
 * key stops the worker. A run that was started wrongly cannot be read by any worker, and must not hold up later
 * deliveries.
 */
import {
  type DataConverter,
  ExternalStorageNotConfiguredError,
  type LoadedDataConverter,
  type Payload,
} from '@temporalio/common';
import {
  decodeArrayFromPayloads,
  ExternalStorageRunner,
  isReferencePayload,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow';
import type { NativeConnection } from '@temporalio/worker';
import { ENCRYPTED_ENCODING } from '../codec/encryption-codec.ts';
import { decodingProblem } from '../contract/decoding-problem.ts';
import { WORKFLOW_TYPES } from '../contract/server-names.ts';

/** Where to look, and the data converter to read with. */
export type OpenRuns = {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly dataConverter: DataConverter | undefined;
};

/** This worker's data converter can read none of the newest open runs, and at least one of them is encrypted. `cause`
 *  says why that one cannot be read. */
export class UnreadableOpenRunsError extends Error {
  readonly code = 'unreadable_open_runs';
  /** The workflow ids of the runs that were tried. */
  readonly workflowIds: readonly string[];
  constructor({ namespace, taskQueue }: OpenRuns, workflowIds: readonly string[], { workflowId, cause }: Unreadable) {
    super(
      `this worker cannot read the open runs of task queue ${taskQueue} in namespace ${namespace}, ` +
        'so it does not start. ' +
        `${workflowId}: ${decodingProblem(cause)}. ` +
        (cause instanceof ExternalStorageNotConfiguredError
          ? 'Give it the externalStorage of the client that started them (docs/big-bodies.md). '
          : 'Give it the keys of the client that started them (docs/encryption.md). ') +
        'If those are lost, terminate the runs, or pass checkOpenRuns: false (TOPCALLS_CHECK_OPEN_RUNS=false).',
      { cause },
    );
    this.name = 'UnreadableOpenRunsError';
    this.workflowIds = workflowIds;
  }
}

/** How many runs are tried. The first that can be read ends the check. */
const RUNS = 5;
/** Limit for all requests together, in ms: the check must not hold up the start. */
const TIMEOUT_MS = 10_000;

/** A warning for a worker that starts anyway: message and fields of a log line. */
export type OpenRunsWarning =
  | { readonly event: 'worker.open_runs_unchecked'; readonly reason: string }
  | { readonly event: 'worker.open_runs_unreadable'; readonly reason: string; readonly workflowIds: readonly string[] };

/** Resolves with undefined if a run can be read, or if none waits. Resolves with a warning if none can be read and
 *  none is encrypted, or if the server cannot list runs (no rights, no visibility store). Rejects with
 *  `UnreadableOpenRunsError`, also if the worker lacks the external storage that has their inputs. */
export async function checkOpenRuns(runs: OpenRuns): Promise<OpenRunsWarning | undefined> {
  try {
    return await runs.connection.withDeadline(Date.now() + TIMEOUT_MS, () => readNewest(runs));
  } catch (error) {
    if (error instanceof UnreadableOpenRunsError) throw error;
    return { event: 'worker.open_runs_unchecked', reason: error instanceof Error ? error.message : 'no answer' };
  }
}

async function readNewest(runs: OpenRuns): Promise<OpenRunsWarning | undefined> {
  const unreadable: Unreadable[] = [];
  for (const id of await newestOpenRuns(runs)) {
    const found = await unreadableInput(runs, id);
    if (found === undefined) return undefined;
    unreadable.push(found);
  }
  const workflowIds = unreadable.map(({ workflowId }) => workflowId);
  const locked = unreadable.find((run) => run.isLocked);
  if (locked !== undefined) throw new UnreadableOpenRunsError(runs, workflowIds, locked);
  const [newest] = unreadable;
  if (newest === undefined) return undefined;
  return { event: 'worker.open_runs_unreadable', reason: decodingProblem(newest.cause), workflowIds };
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

type Unreadable = { readonly workflowId: string; readonly isLocked: boolean; readonly cause: unknown };

/** Undefined if the run's input can be read, or if the run is gone meanwhile. */
async function unreadableInput(runs: OpenRuns, execution: RunId): Promise<Unreadable | undefined> {
  const { connection, namespace, dataConverter } = runs;
  const request = { namespace, execution, maximumPageSize: 1 };
  const { history } = await connection.workflowService.getWorkflowExecutionHistory(request);
  const input = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  try {
    const converter = loadDataConverter(dataConverter);
    await decodeArrayFromPayloads(converter, await fetched(converter, input));
    return undefined;
  } catch (cause) {
    // Without the storage every task would fail, as without the key.
    const isLocked = input?.some(isEncrypted) === true || cause instanceof ExternalStorageNotConfiguredError;
    return { workflowId: execution.workflowId, isLocked, cause };
  }
}

/** What the host's external storage keeps of them, in place of its reference. */
async function fetched(
  { externalStorage }: LoadedDataConverter,
  payloads: Payload[] | null | undefined,
): Promise<Payload[] | null | undefined> {
  if (!payloads?.some(isReferencePayload)) return payloads;
  if (externalStorage === undefined) throw new ExternalStorageNotConfiguredError();
  return new ExternalStorageRunner(externalStorage).retrieve(payloads);
}

/** By the encoding's name, which our codec and Temporal's samples share. */
function isEncrypted({ metadata }: Payload): boolean {
  return Buffer.from(metadata?.['encoding'] ?? []).toString() === ENCRYPTED_ENCODING;
}

/** Reads many open runs within a time, and says how many were left out. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { inDeadline, isAboutOneRun } from '../../client/deadlines.ts';
import type { ListedRun } from '../../client/list-runs.ts';
import { readRun } from '../../client/read-run.ts';
import type { RunFacts } from '../../client/run-facts.ts';

/** What came of it. `unreadable`: runs whose payloads this client cannot decode, or that the server did not give. */
export type RunsRead = { readonly read: number; readonly unreadable: number; readonly left: number };

const AT_ONCE = 20;

/** Calls `take` with each run that could be read. After `withinMs` no further run is begun. */
export async function readRuns(
  client: Client,
  runs: readonly ListedRun[],
  withinMs: number,
  take: (facts: RunFacts, run: ListedRun) => void,
  onProgress: (done: number) => void,
): Promise<RunsRead> {
  const deadlineMs = Date.now() + withinMs;
  let next = 0;
  let read = 0;
  let unreadable = 0;
  const work = async (): Promise<void> => {
    while (next < runs.length && Date.now() < deadlineMs) {
      const run = runs[next];
      next += 1;
      if (run === undefined) return;
      const facts = await factsOf(client, run);
      if (facts === 'unreadable') unreadable += 1;
      else if (facts !== undefined) {
        read += 1;
        take(facts, run);
      }
      onProgress(read + unreadable);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { read, unreadable, left: runs.length - next };
}

/** Undefined where retention has removed the run since it was listed. */
async function factsOf(client: Client, { workflowId, runId }: ListedRun): Promise<RunFacts | 'unreadable' | undefined> {
  try {
    return await inDeadline(client, () => readRun(client, workflowId, runId));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    if (await isAboutOneRun(client, error)) return 'unreadable';
    throw error;
  }
}

/** Reads many open runs within a time, and says how many were left out. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { inDeadline, isAboutOneRun } from '../../client/deadlines.ts';
import type { ListedRun } from '../../client/list-runs.ts';
import { readRun } from '../../client/read-run.ts';
import type { RunFacts } from '../../client/run-facts.ts';
import { counted } from '../process/counted.ts';

/** What came of it. `unreadable`: runs whose payloads this client cannot decode or use, or that the server
 *  did not give. */
export type RunsRead = { readonly read: number; readonly unreadable: number; readonly left: number };

const AT_ONCE = 20;

/** What to do about runs that could not be read. */
export function unreadableNote(count: number): string {
  const runs = counted(count, 'run');
  return `${runs} could not be read: another encryption key, or started by other means; status of one says more`;
}

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
      const outcome = await tookOne(client, run, take);
      if (outcome === 'read') read += 1;
      if (outcome === 'unreadable') unreadable += 1;
      onProgress(read + unreadable);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { read, unreadable, left: runs.length - next };
}

/** `take` is part of the try: a run that was started by hand may have an input that nothing of ours can use. */
async function tookOne(
  client: Client,
  run: ListedRun,
  take: (facts: RunFacts, run: ListedRun) => void,
): Promise<'read' | 'unreadable' | 'gone'> {
  try {
    take(await inDeadline(client, () => readRun(client, run.workflowId, run.runId)), run);
    return 'read';
  } catch (error) {
    // Retention has removed it since the list was made.
    if (error instanceof WorkflowNotFoundError) return 'gone';
    if (await isAboutOneRun(client, error)) return 'unreadable';
    throw error;
  }
}

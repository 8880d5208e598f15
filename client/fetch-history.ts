/**
 * A run's whole history, in pages that arrive. Called by read-history.ts instead of the SDK's `fetchHistory`, which asks for
 * pages by count alone: a run with large bodies comes to more than one gRPC message carries.
 */
import type { Client, WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';

/** One event of a history, as the server sends it. */
export type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** gRPC for Node takes messages up to 4 MiB (the SDK's option that would raise this does not reach it), and the SDK repeats
 *  a larger one until the deadline. Artifacts up to 1.5 MiB and up to 3 MiB of bodies come to more. From 512 KiB on we page,
 *  since a run that is smaller when described can still grow by its bodies before it is read, but stays below 4 MiB then. */
const ONE_PAGE_BYTES = 524_288;

/** Events of the described run, in order. Throws what the SDK throws. */
export async function fetchHistory(client: Client, run: WorkflowExecutionDescription): Promise<HistoryEvent[]> {
  const { workflowId, runId } = run;
  let unreadBytes = run.historySize ?? 0;
  // By run id: between two requests a redelivery may have started a newer run.
  const request = { namespace: client.options.namespace, execution: { workflowId, runId } };
  const events: HistoryEvent[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      ...request,
      nextPageToken,
      // Of one event: the server never splits what one workflow task wrote, so a page is one task, which is below 4 MiB. Only
      // while much is left: the bodies come first, and a page for each small event after them would take its round trip.
      ...(unreadBytes > ONE_PAGE_BYTES ? { maximumPageSize: 1 } : {}),
    });
    const read = page.history?.events ?? [];
    events.push(...read);
    nextPageToken = page.nextPageToken ?? new Uint8Array();
    // Most histories are one page, and need no count.
    if (nextPageToken.length > 0) unreadBytes -= bytesIn(read);
  } while (nextPageToken.length > 0);
  return events;
}

/** Bytes of the payloads in a page; less than it took on the wire, so what is left is never thought smaller than it is. */
function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + bytesIn(each), 0);
}

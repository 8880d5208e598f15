/**
 * Fetches the whole history of a run, in pages that are small enough. The SDK's `fetchHistory` limits its pages only
 * by the number of events. A page with large bodies then exceeds what one gRPC message can carry.
 */
import type { Client, WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';

/** One event of a history, as the server sends it. */
export type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** gRPC for Node accepts messages up to 4 MiB. (The SDK's option to raise this has no effect.) The SDK repeats a
 *  request for a larger one until its deadline. A history can be larger: artifacts of up to 1.5 MiB and bodies of up
 *  to 3 MiB. We page from 512 KiB on. A run may grow by its bodies after it was described. A run below 512 KiB then
 *  still stays below 4 MiB. */
const ONE_PAGE_BYTES = 524_288;

/** The events of the described run, in order. Rejects with what the SDK throws. */
export async function fetchHistory(client: Client, run: WorkflowExecutionDescription): Promise<HistoryEvent[]> {
  const { workflowId, runId } = run;
  let unreadBytes = run.historySize ?? 0;
  // The run id is needed: between two requests a redelivery may start a newer run.
  const request = { namespace: client.options.namespace, execution: { workflowId, runId } };
  const events: HistoryEvent[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      ...request,
      nextPageToken,
      // With a size of 1, each page is what one workflow task wrote, because the server never splits that. It is
      // below 4 MiB. When little is left, larger pages save a round trip for each of the small events after the
      // bodies.
      ...(unreadBytes > ONE_PAGE_BYTES ? { maximumPageSize: 1 } : {}),
    });
    const read = page.history?.events ?? [];
    events.push(...read);
    nextPageToken = page.nextPageToken ?? new Uint8Array();
    // Most histories are one page. The bytes need not be counted then.
    if (nextPageToken.length > 0) unreadBytes -= bytesIn(read);
  } while (nextPageToken.length > 0);
  return events;
}

/** Bytes of the payloads in a page. On the wire the page took more, so the rest is never underestimated. */
function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + bytesIn(each), 0);
}

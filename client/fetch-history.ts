/**
 * Fetches the whole history of a run in few pages, none of which is too large. The SDK's `fetchHistory` limits its
 * pages only by the number of events. A page with large bodies then exceeds what one gRPC message can carry.
 */
import {
  type Client,
  isGrpcDeadlineError,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { saysTooLarge } from './grpc-answers.ts';
import { pageFor, Pace, type HistorySize } from './history-pages.ts';

/** One event of a history, as the server sends it. */
export type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** The events of the described run, in order. Rejects with what the SDK throws. */
export function fetchHistory(client: Client, run: WorkflowExecutionDescription): Promise<HistoryEvent[]> {
  const { workflowId, runId, historySize = 0, historyLength } = run;
  // The run id is needed: between two requests a redelivery may start a newer run.
  const request = { namespace: client.options.namespace, execution: { workflowId, runId } };
  return readPages(
    client,
    { bytes: historySize, events: historyLength, isOpen: run.status.name === 'RUNNING' },
    request,
  );
}

/** Reads the pages of a history that has about `size`. */
async function readPages(
  client: Client,
  size: HistorySize,
  request: { readonly namespace: string; readonly execution: { readonly workflowId: string; readonly runId: string } },
): Promise<HistoryEvent[]> {
  const { workflowService } = client;
  const events: HistoryEvent[] = [];
  const pace = new Pace();
  let unreadBytes = size.bytes;
  let nextPageToken: Uint8Array = new Uint8Array();
  const ask = (maximumPageSize: number) =>
    workflowService.getWorkflowExecutionHistory({ ...request, nextPageToken, maximumPageSize });
  for (;;) {
    const unread = { ...size, bytes: unreadBytes, events: size.events - events.length };
    const { count, withinMs } = pace.of(pageFor(unread));
    const asked = withinMs === undefined ? ask(count) : client.withDeadline(Date.now() + withinMs, () => ask(count));
    const page = await asked.catch(async (error: unknown) => {
      const isKnown = saysTooLarge(error);
      if (withinMs === undefined || !(isKnown || isGrpcDeadlineError(error))) throw error;
      // One task is never too large. So the time that it takes is the server's own.
      const startedMs = performance.now();
      const task = await ask(1);
      pace.missed({ count, withinMs }, isKnown ? 0 : performance.now() - startedMs);
      return task;
    });
    const read = page.history?.events ?? [];
    events.push(...read);
    nextPageToken = page.nextPageToken ?? new Uint8Array();
    if (nextPageToken.length === 0) return events;
    // Most histories are one page. The bytes need not be counted then.
    const readBytes = bytesIn(read);
    unreadBytes -= readBytes;
    pace.took(read.length, readBytes);
  }
}

/** Bytes of the payloads and texts in a page. On the wire the page took a little more, so the rest is never
 *  underestimated. */
function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array || typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + bytesIn(each), 0);
}

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

/** One event of a history, as the server sends it. */
export type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** What is known of a history before it is read. `isOpen`: it may grow meanwhile. */
type HistorySize = { readonly bytes: number; readonly events: number; readonly isOpen: boolean };

/** Most events of one page. A server gives no more, unless its `frontend.historyMaxPageSize` is raised. */
const MAX_PAGE_EVENTS = 256;
/** What a page of many events should have. gRPC for Node accepts messages up to 4 MiB. (The SDK's option to raise this
 *  has no effect.) A page may be larger than the average says: its events may be those with the bodies. */
const PAGE_BYTES = 1_048_576;
/** Up to this size, all that is unread fits into one message. A run that is open may grow by its bodies, which have up
 *  to 3 MiB, after it was described. */
const SAFE_BYTES = { closed: 3_145_728, open: 524_288 };
/** A history with fewer events is large because of its bodies. Then each page is what one workflow task wrote. The
 *  server never splits that, and it is below 4 MiB. */
const FEW_EVENTS = 100;
/** How long a page may take that may be too large, ms. The SDK repeats such a request until its deadline. */
const DOUBTFUL_PAGE_MS = 2_000;

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
  let unreadBytes = size.bytes;
  let nextPageToken: Uint8Array = new Uint8Array();
  /** Events that are read one task at a time, because a page of many was too large. */
  let careful = 0;
  for (;;) {
    const unread = { ...size, bytes: unreadBytes, events: size.events - events.length };
    const { count, isDoubtful } = careful > 0 ? { count: 1, isDoubtful: false } : pageFor(unread);
    const ask = () =>
      workflowService.getWorkflowExecutionHistory({ ...request, nextPageToken, maximumPageSize: count });
    const page = isDoubtful
      ? await client.withDeadline(Date.now() + DOUBTFUL_PAGE_MS, ask).catch(unlessTooLarge)
      : await ask();
    if (page === undefined) {
      careful = MAX_PAGE_EVENTS;
      continue;
    }
    const read = page.history?.events ?? [];
    events.push(...read);
    nextPageToken = page.nextPageToken ?? new Uint8Array();
    if (nextPageToken.length === 0) return events;
    // Most histories are one page. The bytes need not be counted then.
    const readBytes = bytesIn(read);
    unreadBytes -= readBytes;
    careful = readBytes > PAGE_BYTES ? 0 : Math.max(0, careful - read.length);
  }
}

/** How many events to ask for. `isDoubtful`: the page may be too large. */
function pageFor({ bytes, events, isOpen }: HistorySize): { readonly count: number; readonly isDoubtful: boolean } {
  if (bytes <= (isOpen ? SAFE_BYTES.open : SAFE_BYTES.closed)) return { count: MAX_PAGE_EVENTS, isDoubtful: isOpen };
  if (events <= FEW_EVENTS) return { count: 1, isDoubtful: false };
  const count = Math.min(MAX_PAGE_EVENTS, Math.max(1, Math.floor((PAGE_BYTES * events) / bytes)));
  return { count, isDoubtful: count > 1 };
}

/** Undefined if the page was too large, or came too late. */
function unlessTooLarge(error: unknown): undefined {
  if (isGrpcDeadlineError(error) || saysTooLarge(error)) return undefined;
  throw error;
}

/** Bytes of the payloads and texts in a page. On the wire the page took a little more, so the rest is never
 *  underestimated. */
function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array || typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + bytesIn(each), 0);
}

/**
 * Closed runs that the delivery log lacks, for the doctor. It compares Temporal's list with the log, page by page, and
 * reads a run only if the log seems to lack it. Reconciling (reconcile.ts) decides about that run, in a dry run.
 */
import type { Client } from '@temporalio/client';
import { given } from '../contract/given.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { findRuns, type FoundRun } from './find-webhooks.ts';
import type { ReconcilableLog } from './reconcilable-log.ts';
import { type Reconciled, reconcileRun } from './reconcile.ts';

/** A log that can also list its records. `PostgresDeliveryLog` and `MemoryDeliveryLog` can. */
export type ListableLog = ReconcilableLog & {
  list(filter: { readonly since: string; readonly limit: number; readonly after?: string }): Promise<{
    readonly records: readonly Pick<DeliveryRecord, 'runId' | 'endpointId'>[];
    readonly next?: string;
  }>;
};

/** What the comparison found. */
export type Unrecorded = {
  /** Closed runs that were compared, the newest first. */
  readonly compared: number;
  /** Whether these were all of the window. */
  readonly isWhole: boolean;
  /** Runs with a delivery that the log lacks. */
  readonly runs: number;
  /** Workflow ids of some of them. */
  readonly examples: readonly string[];
  /** Runs that the log seems to lack, and of which nobody knows: there are too many, or they could not be read. */
  readonly unread: number;
  /** Why one of them could not be read, in words. */
  readonly whyUnread?: string;
};

/** Closed runs that are compared at most. */
const MAX_COMPARED = 2_000;
/** Records of a page. */
const PAGE = 1_000;
/** Runs that are read at most, first those that the log seems to lack. */
const MAX_READ = 100;
const AT_ONCE = 10;
const MAX_EXAMPLES = 5;
/** A delivery may be recorded long before its run closes, while another endpoint is retried, ms. */
const EARLIER_MS = 3 * 3_600_000;

/** Compares the runs that closed since `since` (ISO 8601). Rejects with what the server or the log throws. */
export async function unrecordedRuns(client: Client, log: ListableLog, since: string): Promise<Unrecorded> {
  const closed: FoundRun[] = [];
  let isWhole = true;
  const filter = { state: ['delivered', 'failed', 'cancelled', 'terminated'], since } as const;
  for await (const run of findRuns(client, { ...filter, state: [...filter.state] })) {
    if (closed.length >= MAX_COMPARED) {
      isWhole = false;
      break;
    }
    closed.push(run);
  }
  const recorded = await recordedRuns(log, new Date(Date.parse(since) - EARLIER_MS).toISOString(), closed.length);
  const unknown = closed.filter(({ runId }) => !recorded.has(runId));
  // Of several endpoints, a terminated run may have recorded some. Where there is time, the newest are read, too.
  const partly = closed.filter(({ runId, state }) => state === 'terminated' && recorded.has(runId));
  const read = [...unknown, ...partly].slice(0, MAX_READ);
  const lacking: string[] = [];
  const unclear: Reconciled[] = [];
  for (let at = 0; at < read.length; at += AT_ONCE) {
    const few = read.slice(at, at + AT_ONCE);
    const items = await Promise.all(few.map((run) => reconcileRun(client, log, run, true)));
    for (const [index, found] of items.entries()) {
      const problem = found.find(isUnclear);
      if (found.some(({ outcome }) => outcome === 'missing')) lacking.push(few[index]?.workflowId ?? '');
      else if (problem !== undefined) unclear.push(problem);
    }
  }
  return {
    compared: closed.length,
    isWhole,
    runs: lacking.length,
    examples: lacking.slice(0, MAX_EXAMPLES),
    unread: Math.max(0, unknown.length - MAX_READ) + unclear.length,
    ...given({ whyUnread: unclear[0]?.problem }),
  };
}

/** Whether it is ours, and could not be read: for want of a key, or because reading failed this time. */
function isUnclear({ outcome, code }: Reconciled): boolean {
  return outcome === 'failed' || (outcome === 'unreadable' && code === 'unreadable_run');
}

/** The run ids of the newest records: twice as many as runs, since a run may have several. */
async function recordedRuns(log: ListableLog, since: string, runs: number): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  let after: string | undefined;
  for (let read = 0; read < 2 * runs; read += PAGE) {
    const page = await log.list({ since, limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { runId } of page.records) known.add(runId);
    after = page.next;
    if (after === undefined) break;
  }
  return known;
}

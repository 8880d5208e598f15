/** Port: where final states are kept. Temporal is the truth for what runs; the log answers "was this delivered in June?" */
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';

export type DeliveryLog = {
  /**
   * Stores one final state. Must be idempotent by (webhookId, cycle): it is called again when an answer was lost.
   * A write that hung can also land after a later one, so of two records for one cycle the log keeps the one with more
   * attempts, then the one that ended later; `terminated`, written by an operator for a run that left no record, never
   * replaces another state.
   */
  record(record: DeliveryRecord): Promise<void>;
};

/** What to look for. Everything given must hold. */
export type DeliveryFilter = {
  readonly state?: DeliveryRecord['state'];
  readonly endpointId?: string;
  readonly callId?: string;
  readonly campaignId?: string;
  readonly event?: DeliveryRecord['event'];
  /** Ended at or after this time; ISO 8601. */
  readonly since?: string;
  /** Ended before this time; ISO 8601. */
  readonly until?: string;
  /** Records per page, 1–1000; default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
};

/** One page, latest end first. `next` is there while more follow. */
export type DeliveryPage = { readonly records: readonly DeliveryRecord[]; readonly next?: string };

/** The log's read side. The module does not need it; people and commands do. */
export type DeliveryLogReader = {
  /** Throws RangeError for a limit, time or `after` that cannot be. */
  list(filter?: DeliveryFilter): Promise<DeliveryPage>;
  /** Every cycle of one webhook, the first first; empty for an unknown id. */
  show(webhookId: string): Promise<readonly DeliveryRecord[]>;
};

/** What to forget. */
export type PruneOptions = {
  /** Records whose delivery ended longer ago than this go. */
  readonly olderThanMs: number;
  /** Records per transaction; default 1000. */
  readonly batch?: number;
  /** Count, delete nothing. Default false. */
  readonly dryRun?: boolean;
};

/** `records`: how many went, or would go. `endedBefore`: the limit that was applied, ISO 8601. */
export type Pruned = { readonly records: number; readonly endedBefore: string };

/** Forgetting by age. Logs with a retention of their own have none. */
export type DeliveryLogPruner = {
  /** Throws RangeError for an age or batch that cannot be. */
  prune(options: PruneOptions): Promise<Pruned>;
};

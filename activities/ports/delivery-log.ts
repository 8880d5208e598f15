/** Port: where final states are stored. Temporal knows what runs now; the log answers "was this delivered in June?" */
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';

/** The port. */
export type DeliveryLog = {
  /**
   * Stores one final state. Called again when an answer was lost, so it must be idempotent by (webhookId, cycle,
   * runId). A run that was reset in the Web UI ends in the same cycle with another run id; that is a record of its
   * own. A write that hung can land after a later one. Of two records of one run the log keeps the one with more
   * attempts; with equally many, the one that ended later. `terminated` never replaces another state: an operator
   * writes it for a run that left no record.
   *
   * While it rejects, the module tries again without limit. If it can never store this one record, it rejects with an
   * error whose `refused` is true: the worker then says `webhook.record_refused` and lets the run close.
   */
  record(record: DeliveryRecord): Promise<void>;
};

/** Which records to list. A record must match every field that is given. */
export type DeliveryFilter = {
  /** One state, or any of several. */
  readonly state?: DeliveryRecord['state'] | readonly DeliveryRecord['state'][];
  /** Reason code of the end, e.g. `http_503`. */
  readonly reason?: string;
  readonly endpointId?: string;
  readonly callId?: string;
  readonly campaignId?: string;
  readonly accountId?: string;
  readonly event?: DeliveryRecord['event'];
  /** Ended at or after this time; ISO 8601. */
  readonly since?: string;
  /** Ended before this time; ISO 8601. */
  readonly until?: string;
  /** Started at or after this time; ISO 8601. */
  readonly startedSince?: string;
  /** Started before this time; ISO 8601. */
  readonly startedUntil?: string;
  /** Records per page, 1–1000; default 50. */
  readonly limit?: number;
  /** `next` of the previous page. */
  readonly after?: string;
};

/** One page of records, the latest end first. `next` is present while more records follow. */
export type DeliveryPage = { readonly records: readonly DeliveryRecord[]; readonly next?: string };

/** The log's read side, for people and commands. Deliveries do not need it. */
export type DeliveryLogReader = {
  /** Throws RangeError for a field that is not in the filter, and for an impossible state, limit, time or `after`. */
  list(filter?: DeliveryFilter): Promise<DeliveryPage>;
  /** The record of every cycle and run of one webhook, in the order of cycles and ends; empty for an unknown id. */
  show(webhookId: string): Promise<readonly DeliveryRecord[]>;
};

/** Which records to delete. */
export type PruneOptions = {
  /** Deletes records whose delivery ended longer ago than this, in milliseconds. */
  readonly olderThanMs: number;
  /** Records per transaction; default 1000. */
  readonly batch?: number;
  /** Only counts; deletes nothing. Default false. */
  readonly dryRun?: boolean;
};

/** `records`: how many were deleted, or would be. `endedBefore`: the time limit that was applied, ISO 8601. */
export type Pruned = { readonly records: number; readonly endedBefore: string };

/** Deletes by age. A log with its own retention does not implement it. */
export type DeliveryLogPruner = {
  /** Throws RangeError for an impossible age or batch. */
  prune(options: PruneOptions): Promise<Pruned>;
};

/** Port: where final states are stored. Temporal knows what runs now; the log answers "was this delivered in June?" */
import type { Attempt } from '../../contract/delivery-state.ts';
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
  /** One state, or any of several. An empty list matches nothing. */
  readonly state?: DeliveryRecord['state'] | readonly DeliveryRecord['state'][];
  /** Reason code of the end, e.g. `http_503`, or any of several. An empty list matches nothing. */
  readonly reason?: string | readonly string[];
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
  /** Throws RangeError for a field that is not in the filter, and for an impossible id, state, limit, time or
   *  `after`. */
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
  /** Throws RangeError for an option that does not exist, which might be a misspelt `dryRun`, and for an impossible age
   *  or batch. */
  prune(options: PruneOptions): Promise<Pruned>;
};

/** What to count: ended deliveries. A record must match every field that is given. */
export type DeliveryStatsQuery = {
  /** One group per account, per endpoint, per hour (UTC) of the end, per hour and account, or per reason code. Absent:
   *  one group of all. */
  readonly by?: 'account' | 'endpoint' | 'hour' | 'hour,account' | 'reason';
  readonly accountId?: string;
  readonly endpointId?: string;
  /** Ended at or after this time; ISO 8601. */
  readonly since?: string;
  /** Ended before this time; ISO 8601. */
  readonly until?: string;
  /** Groups, 1–10000; default 1000. */
  readonly limit?: number;
};

/** One group of ended deliveries in numbers. */
export type DeliveryGroup = {
  /** Account id, endpoint id, the hour's start in ISO 8601, or the reason code. Per reason, the state is the key of
   *  records without a reason, such as cancelled ones; the delivered ones are one group without a key. Absent also for
   *  records without an account, and where one group holds all. Per hour and account it is the hour, and `accountId`
   *  the account. */
  readonly key?: string;
  readonly deliveries: number;
  /** Those of a later cycle than the first. */
  readonly redeliveries: number;
  /** How many webhooks (`msg_…`) they are, per reason only: a redelivery and a run that was reset count again in
   *  `deliveries`, and here not. */
  readonly webhooks?: number;
  /** How many ended in each state. States that did not occur are left out. */
  readonly states: Readonly<Partial<Record<DeliveryRecord['state'], number>>>;
  /** Attempts of all of them, without those that were never sent: those that our rules refused or a fault of ours
   *  ended. */
  readonly attempts: number;
  /** How late the first attempts were, in ms. Absent if no record of the group tells. Several runs of one webhook and
   *  cycle, as a reset makes them, are late once: the earliest first attempt counts. */
  readonly lateness?: {
    readonly deliveries: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly maxMs: number;
  };
  readonly endpoints: number;
  /** Per reason only: the endpoint's id, if it is one. */
  readonly endpointId?: string;
  /** How many accounts the group has, and the id if it is one. */
  readonly accounts: number;
  readonly accountId?: string;
  /** When the group last delivered; ISO 8601. */
  readonly lastDeliveredAt?: string;
  /** The delivery with the latest attempt. One that our rules refused without an attempt counts by its end. */
  readonly lastEnd?: {
    /** When the delivery ended, which may be long after its last attempt. */
    readonly at: string;
    readonly host: string;
    readonly state: DeliveryRecord['state'];
    /** Code of its last attempt, else its reason. */
    readonly code?: string;
    /** Its last attempt, if it made one. */
    readonly attempt?: Pick<Attempt, 'startedAt' | 'durationMs' | 'outcome'>;
  };
};

/** Numbers of a log: the groups with most deliveries that were not delivered first; hours the latest first, and the
 *  accounts of an hour by their id, without one last. `more`: there are more groups than the limit. */
export type DeliveryStats = { readonly groups: readonly DeliveryGroup[]; readonly more: boolean };

/** Counts ended deliveries, for reports. A log without it is listed and counted by the command instead. */
export type DeliveryLogStats = {
  /** Throws RangeError for a field that is not in the query, and for an impossible id, limit, time or `by`. */
  stats(query?: DeliveryStatsQuery): Promise<DeliveryStats>;
};

/** Deletes single webhooks, for a person who asks to be forgotten. A log that cannot does not implement it: the command
 *  `erase` then says so. */
export type DeliveryLogEraser = {
  /** Deletes every record of these webhooks, of all cycles and runs. Resolves with how many it deleted. Unknown ids are
   *  no error, and calling again is safe. Throws RangeError for what is no list of texts. */
  erase(webhookIds: readonly string[]): Promise<number>;
};

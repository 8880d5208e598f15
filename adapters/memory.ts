/** Ports that keep everything in memory, for tests, demos and a first try. A restart forgets everything. */
import type { ArtifactSource, FetchedArtifacts } from '../activities/ports/artifact-source.ts';
import type {
  DeliveryFilter,
  DeliveryLog,
  DeliveryLogEraser,
  DeliveryLogPruner,
  DeliveryLogReader,
  DeliveryLogStats,
  DeliveryPage,
  DeliveryStats,
  DeliveryStatsQuery,
  Pruned,
  PruneOptions,
} from '../activities/ports/delivery-log.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { capacityIn } from './capacity.ts';
import { checkStatsQuery, groupsOf } from './delivery-groups.ts';
import {
  checkFilter,
  checkPrune,
  checkText,
  checkWebhookIds,
  compareFirstFirst,
  compareLatestFirst,
  cursorBehind,
  EQUAL_FIELDS,
  replaces,
} from './delivery-order.ts';
import type { CheckedFilter } from './delivery-order.ts';

/** A delivery log in memory. When it is full, the oldest record is forgotten. */
export class MemoryDeliveryLog
  implements DeliveryLog, DeliveryLogReader, DeliveryLogStats, DeliveryLogPruner, DeliveryLogEraser
{
  readonly #records = new Map<string, DeliveryRecord>();
  readonly #maxRecords: number;

  /** `maxRecords`: how many records are kept. Default 10,000 (about 10 MB). */
  constructor(options: { readonly maxRecords?: number } = {}) {
    this.#maxRecords = capacityIn('MemoryDeliveryLog', options, 'maxRecords');
  }

  /** Stores one final state; idempotent by (webhookId, cycle, runId), as the port says. */
  async record(record: DeliveryRecord): Promise<void> {
    const key = keyOf(record);
    const kept = this.#records.get(key);
    if (kept !== undefined && !replaces(record, kept)) return;
    this.#records.set(key, structuredClone(record));
    const oldest = this.#records.keys().next();
    if (this.#records.size > this.#maxRecords && oldest.done === false) this.#records.delete(oldest.value);
  }

  /** All records, in the order in which they were first recorded. */
  records(): readonly DeliveryRecord[] {
    return [...this.#records.values()];
  }

  /** One page, the latest end first. Rejects with RangeError for a filter that the port forbids. */
  async list(filter: DeliveryFilter = {}): Promise<DeliveryPage> {
    const checked = checkFilter(filter);
    const found = this.records().filter((record) => fits(record, checked));
    const records = found.sort(compareLatestFirst).slice(0, checked.limit);
    const last = records.at(-1);
    const page = { records: structuredClone(records) };
    return last !== undefined && found.length > records.length ? { ...page, next: cursorBehind(last) } : page;
  }

  /** The record of every cycle and run of one webhook, in the order of cycles and ends. */
  async show(webhookId: string): Promise<readonly DeliveryRecord[]> {
    checkText('webhookId', webhookId);
    const cycles = this.records().filter((record) => record.webhookId === webhookId);
    return structuredClone(cycles.sort(compareFirstFirst));
  }

  /** Numbers by account, endpoint or hour. Rejects with RangeError for a query that the port forbids. */
  async stats(query: DeliveryStatsQuery = {}): Promise<DeliveryStats> {
    return groupsOf(this.records(), checkStatsQuery(query));
  }

  /** Forgets what ended longer ago than `olderThanMs`. Rejects with RangeError for an impossible age. */
  async prune(options: PruneOptions): Promise<Pruned> {
    const { endedBefore, dryRun } = checkPrune(options, Date.now());
    const old = this.records().filter(({ endedAt }) => endedAt < endedBefore);
    if (!dryRun) for (const record of old) this.#records.delete(keyOf(record));
    return { records: old.length, endedBefore };
  }

  /** Forgets every record of these webhooks. Resolves with how many there were. */
  async erase(webhookIds: readonly string[]): Promise<number> {
    checkWebhookIds(webhookIds);
    const asked = this.records().filter(({ webhookId }) => webhookIds.includes(webhookId));
    for (const record of asked) this.#records.delete(keyOf(record));
    return asked.length;
  }
}

function keyOf({ webhookId, cycle, runId }: DeliveryRecord): string {
  return `${webhookId}/${cycle}/${runId}`;
}

function fits(
  record: DeliveryRecord,
  { after, states, reasons, since, until, startedSince, startedUntil, ...filter }: CheckedFilter,
): boolean {
  return (
    (states === undefined || states.includes(record.state)) &&
    (reasons === undefined || (record.reason !== undefined && reasons.includes(record.reason))) &&
    EQUAL_FIELDS.every((field) => filter[field] === undefined || record[field] === filter[field]) &&
    (since === undefined || record.endedAt >= since) &&
    (until === undefined || record.endedAt < until) &&
    (startedSince === undefined || record.startedAt >= startedSince) &&
    (startedUntil === undefined || record.startedAt < startedUntil) &&
    (after === undefined || compareLatestFirst(record, after) > 0)
  );
}

const PENDING: FetchedArtifacts = {
  recording: { status: 'pending' },
  transcript: { status: 'pending' },
  summary: { status: 'pending' },
};

/** An artifact source that answers what was put into it. Unknown calls are pending. */
export class MemoryArtifactSource implements ArtifactSource {
  readonly #calls = new Map<string, FetchedArtifacts>();

  /** Sets the answer for this call. Artifacts that are left out are pending. */
  put(callId: string, artifacts: Partial<FetchedArtifacts>): void {
    this.#calls.set(callId, { ...PENDING, ...artifacts });
  }

  async fetch({ callId }: { readonly callId: string }): Promise<FetchedArtifacts> {
    return this.#calls.get(callId) ?? PENDING;
  }
}

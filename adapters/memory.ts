/** Ports kept in memory: for tests, demos and a first day with the module. A restart forgets everything. */
import type { ArtifactSource, FetchedArtifacts } from '../activities/ports/artifact-source.ts';
import type { DeliveryLog } from '../activities/ports/delivery-log.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';

/** A delivery log in memory, bounded: the oldest records go first. */
export class MemoryDeliveryLog implements DeliveryLog {
  readonly #records = new Map<string, DeliveryRecord>();
  readonly #maxRecords: number;

  /** `maxRecords`: default 10,000 (about 10 MB). */
  constructor({ maxRecords = 10_000 }: { readonly maxRecords?: number } = {}) {
    if (!Number.isSafeInteger(maxRecords) || maxRecords < 1) {
      throw new RangeError(`MemoryDeliveryLog: maxRecords is ${maxRecords}; it must be a whole number from 1 up`);
    }
    this.#maxRecords = maxRecords;
  }

  /** Idempotent by (webhookId, cycle): the same delivery recorded twice is one record. */
  async record(record: DeliveryRecord): Promise<void> {
    this.#records.set(`${record.webhookId}/${record.cycle}`, structuredClone(record));
    const oldest = this.#records.keys().next();
    if (this.#records.size > this.#maxRecords && oldest.done === false) this.#records.delete(oldest.value);
  }

  /** Every record kept, oldest first. */
  records(): readonly DeliveryRecord[] {
    return [...this.#records.values()];
  }
}

const PENDING: FetchedArtifacts = {
  recording: { status: 'pending' },
  transcript: { status: 'pending' },
  summary: { status: 'pending' },
};

/** An artifact source that answers what was put in; calls it does not know are pending. */
export class MemoryArtifactSource implements ArtifactSource {
  readonly #calls = new Map<string, FetchedArtifacts>();

  /** Sets what the next fetches of this call answer. Artifacts left out are pending. */
  put(callId: string, artifacts: Partial<FetchedArtifacts>): void {
    this.#calls.set(callId, { ...PENDING, ...artifacts });
  }

  async fetch({ callId }: { readonly callId: string }): Promise<FetchedArtifacts> {
    return this.#calls.get(callId) ?? PENDING;
  }
}

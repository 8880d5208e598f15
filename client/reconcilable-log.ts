/** The delivery log as reconciling uses it. A log that refuses one record is told from one that is down. */
import { InvalidInputError } from '../contract/schemas/invalid-input.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';

/** A delivery log that can be reconciled. `PostgresDeliveryLog` and `MemoryDeliveryLog` can. */
export type ReconcilableLog = {
  record(record: DeliveryRecord): Promise<void>;
  /** The records of one webhook, one for each cycle and run. */
  show(webhookId: string): Promise<readonly { readonly cycle: number; readonly runId: string }[]>;
};

/** Throws `InvalidInputError` unless `log` has the methods of a `ReconcilableLog`. */
export function checkLog(log: ReconcilableLog): void {
  const methods = ['record', 'show'] as const;
  const missing = methods.filter((name) => typeof (log as Partial<ReconcilableLog> | undefined)?.[name] !== 'function');
  if (missing.length === 0) return;
  const problem = `must be a delivery log with ${methods.join(' and ')}; it lacks ${missing.join(' and ')}`;
  throw new InvalidInputError('reconcile', [{ field: 'log', problem }]);
}

/** The log rejected. Kept apart from errors of the server. */
export class LogError extends Error {}

/** Watches a log. If it is down, nothing gets through. */
export class LogTrouble {
  #answers = 0;
  #last: { readonly error: unknown } | undefined;

  /** The same log. What it rejects with becomes a `LogError`. */
  watch(log: ReconcilableLog): ReconcilableLog {
    const watched = async <T>(work: () => Promise<T>): Promise<T> => {
      try {
        const answer = await work();
        this.#answers += 1;
        return answer;
      } catch (error) {
        if (isRefusal(error)) this.#answers += 1;
        else this.#last = { error };
        throw new LogError(inWords(error), { cause: error });
      }
    };
    return {
      record: (record) => watched(() => log.record(record)),
      show: (webhookId) => watched(() => log.show(webhookId)),
    };
  }

  /** Throws the last error of the log if it answered no question at all. */
  throwIfNothingGotThrough(): void {
    if (this.#answers === 0 && this.#last !== undefined) throw this.#last.error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'refused' in error && error.refused === true;
}

/** The message of an error. */
export function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Port: where final states are kept. Temporal is the truth for what runs; the log answers "was this delivered in June?" */
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';

export type DeliveryLog = {
  /** Stores one final state. Must be idempotent by (webhookId, cycle): it is called again when an answer was lost. */
  record(record: DeliveryRecord): Promise<void>;
};

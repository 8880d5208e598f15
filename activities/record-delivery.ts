/** Writes final states into the delivery log: right after a 2xx, and by the activity `recordDelivery` in all other
 *  cases. */
import { RECORD_BUDGET_MS } from '../contract/limits.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type { ActivityLog } from './activity-log.ts';
import { deliveryLogUnavailable } from './delivery-failure.ts';
import type { DeliveryLog } from './ports/delivery-log.ts';
import { errorFacts, type PortErrorFacts } from './port-error.ts';
import { within } from './within.ts';

/** Longer than any healthy database needs, shorter than the activity's 30 s. */
const RECORD_DEADLINE_MS = 20_000;

/** Makes the activity `recordDelivery`. It fails as `DeliveryLogUnavailable`, which is retried without limit. */
export function makeRecordDelivery(log: DeliveryLog | undefined, say: ActivityLog) {
  return async function recordDelivery(record: DeliveryRecord): Promise<void> {
    const error = await tryRecord(log, record, RECORD_DEADLINE_MS);
    const ids = {
      webhookId: record.webhookId,
      endpointId: record.endpointId,
      state: record.state,
      reason: record.reason,
    };
    if (error !== undefined) {
      say.error('webhook.not_recorded', { ...ids, ...error });
      throw deliveryLogUnavailable(error.error);
    }
    say.info('webhook.ended', { ...ids, attempts: record.attempts.length });
  };
}

/** Records a delivery right after its 2xx, within 2 s. Resolves with whether the log took it. Never throws: a log that
 *  is down must not cause a second POST. */
export async function recordAtOnce(
  log: DeliveryLog | undefined,
  record: DeliveryRecord,
  say: ActivityLog,
): Promise<boolean> {
  const error = await tryRecord(log, record, RECORD_BUDGET_MS);
  if (error !== undefined) say.warn('webhook.record_postponed', { webhookId: record.webhookId, ...error });
  return error === undefined;
}

async function tryRecord(
  log: DeliveryLog | undefined,
  record: DeliveryRecord,
  budgetMs: number,
): Promise<PortErrorFacts | undefined> {
  if (log === undefined) return undefined;
  try {
    await within('recording', budgetMs, () => log.record(record));
    return undefined;
  } catch (error) {
    return errorFacts(error);
  }
}

/** Writes final states into the delivery log: right after a 2xx, and by the activity `recordDelivery` in all other
 *  cases. */
import { cleanRecord } from '../contract/clean-record.ts';
import { RECORD_BUDGET_MS } from '../contract/limits.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type { ActivityLog } from './activity-log.ts';
import { deliveryLogUnavailable } from './delivery-failure.ts';
import type { DeliveryLog } from './ports/delivery-log.ts';
import type { WebhookMetrics } from './metrics/webhook-metrics.ts';
import { errorFacts, isRefusal, type PortErrorFacts } from './port-error.ts';
import { withWhoCancelled } from './who-cancelled.ts';
import { within } from './within.ts';

/** Longer than any healthy database needs, shorter than the activity's 30 s. */
const RECORD_DEADLINE_MS = 20_000;

/** Where it is told what became of a record. */
type Told = { readonly say: ActivityLog; readonly metrics: WebhookMetrics };

/** Makes the activity `recordDelivery`. It fails as `DeliveryLogUnavailable`, which is retried without limit. A record
 *  that the log can never store is told at error level, and not retried: the outcome stays in Temporal. */
export function makeRecordDelivery(log: DeliveryLog | undefined, { say, metrics }: Told) {
  return async function recordDelivery(decided: DeliveryRecord): Promise<void> {
    const record = log === undefined ? decided : await withWhoCancelled(decided, say);
    const failed = await tryRecord(log, record, RECORD_DEADLINE_MS, say);
    const ids = {
      webhookId: record.webhookId,
      endpointId: record.endpointId,
      state: record.state,
      reason: record.reason,
    };
    if (failed !== undefined) metrics.notRecorded();
    if (failed?.isRefusal === true) {
      say.error('webhook.record_refused', { ...ids, ...failed.facts, fix: REFUSED_FIX });
    } else if (failed !== undefined) {
      say.error('webhook.not_recorded', { ...ids, ...failed.facts });
      throw deliveryLogUnavailable(failed.facts.error);
    }
    metrics.ended(record);
    say.info('webhook.ended', { ...ids, attempts: record.attempts.length });
  };
}

const REFUSED_FIX =
  'the delivery log can never store this record; its outcome is in Temporal only. Fix the log, then run reconcile';

/** Records a delivery right after its 2xx, within 2 s. Resolves with whether the log took it. Never throws: a log that
 *  is down must not cause a second POST. */
export async function recordAtOnce(
  log: DeliveryLog | undefined,
  record: DeliveryRecord,
  { say, metrics }: Told,
): Promise<boolean> {
  const failed = await tryRecord(log, record, RECORD_BUDGET_MS, say);
  if (failed === undefined) {
    metrics.ended(record);
    return true;
  }
  metrics.notRecorded();
  say.warn('webhook.record_postponed', { webhookId: record.webhookId, ...failed.facts });
  return false;
}

/** Hands the record to the log, without text that databases refuse. */
async function tryRecord(
  log: DeliveryLog | undefined,
  record: DeliveryRecord,
  budgetMs: number,
  say: ActivityLog,
): Promise<{ readonly facts: PortErrorFacts; readonly isRefusal: boolean } | undefined> {
  if (log === undefined) return undefined;
  const clean = cleanRecord(record);
  if (clean !== record) {
    const { webhookId, endpointId, repaired } = clean;
    say.warn('webhook.record_repaired', { webhookId, endpointId, fields: repaired });
  }
  try {
    await within('recording', budgetMs, () => log.record(clean));
    return undefined;
  } catch (error) {
    return { facts: errorFacts(error), isRefusal: isRefusal(error) };
  }
}

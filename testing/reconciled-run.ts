/** What `reconcile` of the fake does with one closed run: it writes the records that the log lacks. */
import { recordsOf } from '../client/closed-run-records.ts';
import { inWords, type ReconcilableLog } from '../client/reconcilable-log.ts';
import type { Reconciled } from '../client/reconcile.ts';
import { cleanRecord } from '../contract/clean-record.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type { FakeRun } from './fake-run.ts';
import { foundRun } from './found-run.ts';

/** One item per delivery. What the log rejects with is an item, too. */
export function reconciledIn(log: ReconcilableLog, run: FakeRun, dryRun: boolean): Promise<Reconciled[]> {
  const records = recordsOf(run.facts, foundRun(run)) ?? [];
  return Promise.all(records.map((record) => itemOf(log, record, dryRun)));
}

async function itemOf(log: ReconcilableLog, record: DeliveryRecord, dryRun: boolean): Promise<Reconciled> {
  const { workflowId, runId, cycle, webhookId } = record;
  try {
    const kept = await log.show(webhookId);
    if (kept.some((each) => each.cycle === cycle && each.runId === runId))
      return { workflowId, runId, outcome: 'present', record };
    if (dryRun) return { workflowId, runId, outcome: 'missing', record };
    await log.record(cleanRecord(record));
    return { workflowId, runId, outcome: 'written', record };
  } catch (error) {
    return { workflowId, runId, outcome: 'failed', problem: inWords(error) };
  }
}

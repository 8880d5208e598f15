/**
 * Reconciling: a run that is terminated writes no record, because nothing of it runs any more. Reconciling reads such
 * runs from their histories and writes the missing records. Run it regularly, and after every Terminate or Reset.
 */
import { createHash } from 'node:crypto';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { DeliveryOutcome } from '../contract/delivery-state.ts';
import { given } from '../contract/given.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { InvalidInputError } from '../contract/schemas/invalid-input.ts';
import type { CheckedFindFilter } from '../contract/schemas/find-filter.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import { UnreadableRunError } from './errors.ts';
import { findRuns, type FoundRun } from './find-webhooks.ts';
import { decidedRecord, frozenBody, resultOf, statusOf, whoEnded } from './fold-run.ts';
import { inDeadline } from './deadlines.ts';
import { readRun } from './read-run.ts';
import type { RunFacts } from './run-facts.ts';

/** A delivery log that can be reconciled. `PostgresDeliveryLog` and `MemoryDeliveryLog` can. */
export type ReconcilableLog = {
  record(record: DeliveryRecord): Promise<void>;
  /** The records of one webhook, one for each cycle and run. */
  show(webhookId: string): Promise<readonly { readonly cycle: number; readonly runId: string }[]>;
};

/** Which terminated runs to reconcile, and whether to write. `since` (at or after) and `until` (before) limit the end
 *  of the run; each is a Date or ISO 8601 text. Default: all. */
export type ReconcileOptions = {
  readonly since?: Date | string;
  readonly until?: Date | string;
  /** True: report what is missing, and write nothing. Default false. */
  readonly dryRun?: boolean;
  /** Called with each item as soon as it is known, for showing progress. */
  readonly onReconciled?: (item: Reconciled) => void;
};

/** Throws `InvalidInputError` unless `log` has the methods of a `ReconcilableLog`. */
export function checkLog(log: ReconcilableLog): void {
  const methods = ['record', 'show'] as const;
  const missing = methods.filter((name) => typeof (log as Partial<ReconcilableLog> | undefined)?.[name] !== 'function');
  if (missing.length === 0) return;
  const problem = `must be a delivery log with ${methods.join(' and ')}; it lacks ${missing.join(' and ')}`;
  throw new InvalidInputError('reconcile', [{ field: 'log', problem }]);
}

/** What reconciling did for one delivery of a terminated run.
 *  - `written`: the record was missing and is now written
 *  - `missing`: the same in a dry run; nothing was written
 *  - `present`: the log already had the record
 *  - `open`: a newer run of the workflow id is still running. Reconcile again after its end
 *  - `unreadable`: the run is not a webhook run, or the client has no key for it
 *  `record` is absent for `open` and `unreadable`. */
export type Reconciled = {
  readonly workflowId: string;
  readonly runId: string;
  readonly outcome: 'written' | 'missing' | 'present' | 'open' | 'unreadable';
  readonly record?: DeliveryRecord;
};

/** Reconciles the terminated runs that `filter` finds, and yields one item per delivery.
 *  Rejects with what the log or the server throws. */
export async function* reconcileRuns(
  client: Client,
  log: ReconcilableLog,
  filter: CheckedFindFilter,
  dryRun: boolean,
): AsyncGenerator<Reconciled> {
  for await (const found of findRuns(client, { ...filter, state: 'terminated' })) {
    const { workflowId, runId } = found;
    const run = await readFound(client, found);
    // Retention has removed it since the list was made.
    if (run === undefined) continue;
    if (run === 'open' || run === 'unreadable') {
      yield { workflowId, runId, outcome: run };
      continue;
    }
    const records = recordsOf(run, found);
    if (records === undefined) yield { workflowId, runId, outcome: 'unreadable' };
    for (const record of records ?? []) {
      const isPresent = (await log.show(record.webhookId)).some(
        ({ cycle, runId }) => cycle === record.cycle && runId === record.runId,
      );
      if (!isPresent && !dryRun) await log.record(record);
      yield { workflowId, runId, outcome: isPresent ? 'present' : dryRun ? 'missing' : 'written', record };
    }
  }
}

/** Reads a terminated run. A reset also terminates a run, and starts a new one with the same ids and cycle. While a
 *  newer run is running, the answer is `open`, because that run may still record the outcome. Undefined when the run
 *  is gone. */
async function readFound(
  client: Client,
  { workflowId, runId }: FoundRun,
): Promise<RunFacts | 'open' | 'unreadable' | undefined> {
  try {
    const latest = await inDeadline(client, () => client.workflow.getHandle(workflowId).describe());
    if (latest.status.name === 'RUNNING') return 'open';
    return await inDeadline(client, () => readRun(client, client.workflow.getHandle(workflowId, runId)));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    // One run whose key is lost must not stop the others from being reconciled.
    if (error instanceof UnreadableRunError) return 'unreadable';
    throw error;
  }
}

/** The records that a terminated run did not write. A delivery that had ended keeps its outcome; the others are
 *  `terminated`. Undefined when the run is not a webhook run. */
export function recordsOf(run: RunFacts, found: FoundRun): DeliveryRecord[] | undefined {
  const { input } = run;
  const status = statusOf(run);
  if (input === undefined || status === undefined) return undefined;
  const own = new Set(input.endpoints.map(({ endpointId }) => endpointId));
  const result = resultOf(status);
  return result.deliveries
    .filter(({ endpointId }) => own.has(endpointId))
    .map((delivery) => ({
      ...(decidedRecord(run, delivery.endpointId) ?? recordOf(run, input, found, delivery)),
      ...whoEndedDelivery(run, delivery),
    }));
}

/** Only of a delivery that was cancelled or terminated: another one ended by itself. */
function whoEndedDelivery(run: RunFacts, { endpointId, state }: DeliveryOutcome): Partial<DeliveryRecord> {
  const { cancelReason, cancelledBy, terminateReason, terminatedBy } = whoEnded(run, endpointId);
  if (state === 'cancelled') return given({ cancelReason, cancelledBy });
  return state === 'terminated' ? given({ terminateReason, terminatedBy }) : {};
}

function recordOf(run: RunFacts, input: AnyRunInput, found: FoundRun, delivery: DeliveryOutcome): DeliveryRecord {
  const body = delivery.attempts.length > 0 ? frozenBody(run) : undefined;
  const { state, reason = state === 'terminated' ? 'terminated' : undefined } = delivery;
  return {
    ...subjectOf(input),
    ...delivery,
    ...given({ reason }),
    cycle: input.redelivery?.cycle ?? 1,
    workflowId: run.workflowId,
    runId: run.runId,
    ...(body === undefined
      ? {}
      : { bodyBytes: Buffer.byteLength(body), bodySha256: createHash('sha256').update(body).digest('hex') }),
    startedAt: found.startedAt.toISOString(),
    endedAt: (found.endedAt ?? found.startedAt).toISOString(),
  };
}

function subjectOf(input: AnyRunInput): Pick<DeliveryRecord, 'event' | 'callId' | 'campaignId' | 'accountId'> {
  const callId = 'call' in input ? input.call.call_id : undefined;
  const campaignId = 'call' in input ? input.call.campaign_id : input.campaign.campaign_id;
  return {
    event: input.event,
    ...given({ callId, campaignId: campaignId ?? undefined, accountId: input.accountId }),
  };
}

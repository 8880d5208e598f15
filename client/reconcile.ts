/**
 * Terminated runs leave no record: whoever ends a run by force ends its recording too. Reconciling reads such runs from
 * their histories and gives the delivery log what is missing. Run it now and then, and after every Terminate or Reset.
 */
import { createHash } from 'node:crypto';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { DeliveryOutcome } from '../contract/delivery-state.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { InvalidInputError } from '../contract/schemas/invalid-input.ts';
import type { CheckedFindFilter } from '../contract/schemas/find-filter.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import { UnreadableRunError } from './errors.ts';
import { findRuns, type FoundRun } from './find-webhooks.ts';
import { decidedRecord, frozenBody, resultOf, statusOf } from './fold-run.ts';
import { inDeadline } from './deadlines.ts';
import { readRun } from './read-run.ts';
import type { RunFacts } from './run-facts.ts';

/** What reconciling needs of a delivery log: `PostgresDeliveryLog` and `MemoryDeliveryLog` have it. */
export type ReconcilableLog = {
  record(record: DeliveryRecord): Promise<void>;
  /** Every cycle of one webhook. */
  show(webhookId: string): Promise<readonly { readonly cycle: number; readonly runId: string }[]>;
};

/** Which terminated runs, by when they ended (a Date or ISO 8601), and whether to write. */
export type ReconcileOptions = {
  readonly since?: Date | string;
  readonly until?: Date | string;
  /** Say what is missing, write nothing. Default false. */
  readonly dryRun?: boolean;
  /** Told of each delivery as it is looked at: for progress. */
  readonly onReconciled?: (item: Reconciled) => void;
};

/** Throws `InvalidInputError` for what is no delivery log with a read side. */
export function checkLog(log: ReconcilableLog): void {
  const methods = ['record', 'show'] as const;
  const missing = methods.filter((name) => typeof (log as Partial<ReconcilableLog> | undefined)?.[name] !== 'function');
  if (missing.length === 0) return;
  const problem = `must be a delivery log with ${methods.join(' and ')}; it lacks ${missing.join(' and ')}`;
  throw new InvalidInputError('reconcile', [{ field: 'log', problem }]);
}

/** What became of one delivery of a terminated run. `written`, or `missing` in a dry run; `present`: the log had it.
 *  `open`: a newer run of the id is going; a reset one will tell the outcome itself, beside a redelivery it is recorded by a
 *  reconcile after that has ended. `unreadable`: no input of ours, or no key for it. */
export type Reconciled = {
  readonly workflowId: string;
  readonly runId: string;
  readonly outcome: 'written' | 'missing' | 'present' | 'open' | 'unreadable';
  readonly record?: DeliveryRecord;
};

/** Goes through the terminated runs that `filter` finds. Rejects with what the log or the server throws. */
export async function* reconcileRuns(
  client: Client,
  log: ReconcilableLog,
  filter: CheckedFindFilter,
  dryRun: boolean,
): AsyncGenerator<Reconciled> {
  for await (const found of findRuns(client, { ...filter, state: 'terminated' })) {
    const { workflowId, runId } = found;
    const run = await readFound(client, found);
    // Retention took it between the list and the reading.
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

/** A reset run is terminated too, and its successor has the same ids and cycle: that one tells the outcome. */
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
    // One run that a lost key wrote must not keep the others from the log.
    if (error instanceof UnreadableRunError) return 'unreadable';
    throw error;
  }
}

/** The records that a terminated run would have written: what it had decided, as decided; `terminated` for the rest. */
export function recordsOf(run: RunFacts, found: FoundRun): DeliveryRecord[] | undefined {
  const { input } = run;
  const status = statusOf(run);
  if (input === undefined || status === undefined) return undefined;
  const own = new Set(input.endpoints.map(({ endpointId }) => endpointId));
  const result = resultOf(status);
  return result.deliveries
    .filter(({ endpointId }) => own.has(endpointId))
    .map((delivery) => decidedRecord(run, delivery.endpointId) ?? recordOf(run, input, found, delivery));
}

function recordOf(run: RunFacts, input: AnyRunInput, found: FoundRun, delivery: DeliveryOutcome): DeliveryRecord {
  const body = delivery.attempts.length > 0 ? frozenBody(run) : undefined;
  const { state, reason = state === 'terminated' ? 'terminated' : undefined } = delivery;
  return {
    ...subjectOf(input),
    ...delivery,
    ...(reason === undefined ? {} : { reason }),
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
    ...(callId === undefined ? {} : { callId }),
    ...(campaignId === null ? {} : { campaignId }),
    ...(input.accountId === undefined ? {} : { accountId: input.accountId }),
  };
}

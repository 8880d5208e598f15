/** The records that a closed run should have left in the delivery log, made from its history. Pure. */
import { createHash } from 'node:crypto';
import type { DeliveryOutcome } from '../contract/delivery-state.ts';
import { promisedAtMs } from '../contract/delivery-policy.ts';
import { given } from '../contract/given.ts';
import { isoTime } from '../contract/iso-time.ts';
import type { AnyRunInput } from '../contract/run-messages.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type { FoundRun } from './find-webhooks.ts';
import { frozenBody } from './fold-run.ts';
import { decidedRecord, resultOf, statusOf, whoEnded } from './run-status.ts';
import type { RunFacts } from './run-facts.ts';

/** The records of a closed run. A delivery that had ended keeps its outcome; the others are `terminated`.
 *  Undefined when the run is not a webhook run. */
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
    ...promiseOf(run, input, found.startedAt.getTime()),
    endedAt: endOfDelivery(run, delivery.endpointId) ?? (found.endedAt ?? found.startedAt).toISOString(),
  };
}

/** When the delivery was taken. Other endpoints may have kept the run open for longer. */
function endOfDelivery({ facts }: RunFacts, endpointId: string): string | undefined {
  const fact = facts.findLast((each) => each.kind === 'delivered' && each.delivered.endpointId === endpointId);
  return isoTime(fact?.atMs);
}

/** When the run's first attempt was promised for. Nothing for a run that was reset, as the run itself says
 *  (workflows/run.ts): the promise was for its first life. */
export function promiseOf(
  { runId, originalRunId = runId }: RunFacts,
  input: AnyRunInput,
  startedAtMs: number,
): Pick<DeliveryRecord, 'promisedAt'> {
  return runId === originalRunId ? { promisedAt: new Date(promisedAtMs(input, startedAtMs)).toISOString() } : {};
}

/** Event, call, campaign and account of a run. */
export function subjectOf(input: AnyRunInput): Pick<DeliveryRecord, 'event' | 'callId' | 'campaignId' | 'accountId'> {
  const callId = 'call' in input ? input.call.call_id : undefined;
  const campaignId = 'call' in input ? input.call.campaign_id : input.campaign.campaign_id;
  return {
    event: input.event,
    ...given({ callId, campaignId: campaignId ?? undefined, accountId: input.accountId }),
  };
}

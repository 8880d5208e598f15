/** The deliveries of a run as they stand, in the form of the log's records: so that what runs and what has ended can be
 *  shown side by side. Pure. */
import type { DeliveryStatus } from '../contract/delivery-state.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import { promiseOf, subjectOf } from './closed-run-records.ts';
import { statusOf } from './run-status.ts';
import type { RunFacts } from './run-facts.ts';

/** A delivery that runs, or has ended in a run that is still open. */
export type LiveDelivery = DeliveryStatus &
  Pick<
    DeliveryRecord,
    'workflowId' | 'runId' | 'cycle' | 'event' | 'callId' | 'campaignId' | 'accountId' | 'startedAt' | 'promisedAt'
  >;

/** The run's own deliveries: not those that an earlier run has ended. Undefined if it is not a webhook run. */
export function liveDeliveries(run: RunFacts, startedAt: string): readonly LiveDelivery[] | undefined {
  const { input, workflowId, runId } = run;
  const status = statusOf(run);
  if (input === undefined || status === undefined) return undefined;
  const own = new Set(input.endpoints.map(({ endpointId }) => endpointId));
  return status.deliveries
    .filter(({ endpointId }) => own.has(endpointId))
    .map((delivery) => ({
      ...subjectOf(input),
      ...delivery,
      workflowId,
      runId,
      cycle: input.redelivery?.cycle ?? 1,
      startedAt,
      ...promiseOf(run, input, Date.parse(startedAt)),
    }));
}

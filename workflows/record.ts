/** Writes the end of one delivery into the delivery log. Not needed if the activity that delivered it has done so. */
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { Delivery } from '../contract/delivery.ts';
import type { DeliveryRecord } from '../contract/schemas/delivery-record.ts';
import type { DeliverySubject } from '../contract/run-messages.ts';
import { recordDeliveryProxy } from './activity-proxies.ts';
import type { WebhookRun } from './run.ts';

/** Whether the activity that delivered it has recorded it. */
export function isRecorded({ life }: Delivery): boolean {
  return life.is === 'ended' && life.isRecorded;
}

/** Retried without limit: while the log is down, the run stays open. No cancel aborts it. */
export async function record(run: WebhookRun, delivery: Delivery): Promise<void> {
  const input = recordOf(delivery, run.subject);
  const { host } = delivery.endpoint;
  run.notifications.heard(await CancellationScope.nonCancellable(async () => recordDeliveryProxy(host)(input)));
  run.show();
}

function recordOf(delivery: Delivery, subject: DeliverySubject): DeliveryRecord {
  const { workflowId, runId } = workflowInfo();
  const { runStartedAt, ...ids } = subject;
  return {
    ...ids,
    ...delivery.outcome(),
    ...delivery.sent,
    workflowId,
    runId,
    startedAt: runStartedAt,
    endedAt: new Date().toISOString(),
  };
}

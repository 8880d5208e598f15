/** Deliveries of open runs beside those of the log: each is told once. */
import { expect, test } from '@jest/globals';
import { notInLog } from '../../../../../cli/commands/report/collect.ts';
import type { DeliveryRecord } from '../../../../../contract/schemas/delivery-record.ts';

type Found = Parameters<typeof notInLog>[2][number];
const found = (webhookId: string, state: string): Found => ({ webhookId, state, key: `${webhookId}/1/run-1` }) as Found;

/** A log that has these webhooks, each of cycle 1 and run 1. `asked`: what it was asked for. */
function logOf(...webhookIds: readonly string[]) {
  const asked: string[] = [];
  return {
    asked,
    show: async (webhookId: string): Promise<readonly DeliveryRecord[]> => {
      asked.push(webhookId);
      const record = { webhookId, cycle: 1, runId: 'run-1' } as DeliveryRecord;
      // A redelivery of the same webhook is another delivery.
      const later = { ...record, cycle: 2, runId: 'run-2' };
      return webhookIds.includes(webhookId) ? [record, later] : [later];
    },
  };
}

test('an end that the log has is not told again, although the list was cut before it, or it lies outside the window', async () => {
  const log = logOf('msg_listed', 'msg_behind_the_limit');
  const open = [
    found('msg_listed', 'delivered'),
    found('msg_behind_the_limit', 'delivered'),
    found('msg_runs', 'retrying'),
    found('msg_waits_for_the_log', 'failed'),
  ];
  const told = await notInLog(log, new Set(['msg_listed/1/run-1']), open);
  expect(told.map(({ webhookId }) => webhookId)).toEqual(['msg_runs', 'msg_waits_for_the_log']);
  // Only about ends that were not listed.
  expect(log.asked).toEqual(['msg_behind_the_limit', 'msg_waits_for_the_log']);
});

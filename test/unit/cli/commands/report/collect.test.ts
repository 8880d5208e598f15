/** Deliveries of open runs beside those of the log: each is told once. */
import { expect, test } from '@jest/globals';
import { isWhole, notesOn, notInLog } from '../../../../../cli/commands/report/collect.ts';
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

test.each([
  [false, { left: 0, unreadable: 0 }, true],
  [true, { left: 0, unreadable: 0 }, false],
  [false, { left: 1, unreadable: 0 }, false],
  [false, { left: 0, unreadable: 1 }, false],
])('webhooks are counted only where every run was read: cut %s, %o → %s', (isCut, read, expected) => {
  expect(isWhole(isCut, read)).toBe(expected);
});

const allRead = { read: 9, unreadable: 0, left: 0 };

test.each([
  [{ hasLog: true, isOpenCut: false }, 'the totals count all that ended'],
  [{ hasLog: true, isOpenCut: true }, 'the totals count all that ended, and of those that run only 5'],
  [{ hasLog: false, isOpenCut: true }, 'and the totals count only these'],
])('of a list that was cut, %o, a note says what the totals count', (cut, words) => {
  expect(notesOn(allRead, { ...cut, isCut: true, limit: 5 })).toEqual([
    `there are more than 5 deliveries: the latest are listed, ${words}`,
  ]);
});

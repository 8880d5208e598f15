/** The suite for delivery logs that can forget single webhooks. */
import assert from 'node:assert/strict';
import type { DeliveryLog, DeliveryLogEraser, DeliveryLogReader } from '../../activities/ports/delivery-log.ts';
import { assertSame, casesFor } from './conformance-case.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { sampleRecord } from './sample-records.ts';

type Log = DeliveryLog & DeliveryLogReader & DeliveryLogEraser;

/** Test cases for `erase`. They erase only records that they made themselves. */
export function deliveryLogEraseConformance(open: () => Promise<Log> | Log): readonly ConformanceCase[] {
  return casesFor(open, {
    'erase forgets every cycle and run of the named webhooks, and nothing else': async (log) => {
      const first = sampleRecord();
      const { callId = '', runId } = first;
      const again = { ...first, cycle: 2 };
      const reset = { ...first, runId: `${runId}-reset` };
      const second = sampleRecord({ callId });
      const other = sampleRecord({ callId });
      for (const record of [first, again, reset, second, other]) await log.record(record);
      assert.equal(await log.erase([first.webhookId, second.webhookId]), 4);
      assertSame(await log.list({ callId }), { records: [other] });
      assertSame(await log.show(first.webhookId), []);
    },
    'one text in place of a list of ids is a RangeError, and erases nothing': async (log) => {
      const record = sampleRecord();
      await log.record(record);
      await assert.rejects(log.erase(record.webhookId as unknown as string[]), RangeError);
      assertSame(await log.show(record.webhookId), [record]);
    },
    'erase of what is not there, or of nothing, deletes nothing; again is safe': async (log) => {
      const record = sampleRecord();
      await log.record(record);
      assert.equal(await log.erase([]), 0);
      assert.equal(await log.erase(['msg_nobody-knows-this-one']), 0);
      assertSame(await log.show(record.webhookId), [record]);
      assert.equal(await log.erase([record.webhookId]), 1);
      assert.equal(await log.erase([record.webhookId]), 0);
    },
  });
}

/** The suite for delivery logs: what `record` must do. */
import type { DeliveryLog, DeliveryLogReader } from '../../activities/ports/delivery-log.ts';
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';
import { assertSame, casesFor } from './conformance-case.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { sampleAttempts, sampleRecord, sampleRefusal } from './sample-records.ts';

type Log = DeliveryLog & Pick<DeliveryLogReader, 'show'>;

/** Test cases for `record`, checked through `show`. `open` is called once per case and may return the same log each
 *  time. */
export function deliveryLogConformance(open: () => Promise<Log> | Log): readonly ConformanceCase[] {
  return casesFor(open, {
    'a record comes back as it was given': async (log) => {
      const record = sampleRecord();
      await log.record(record);
      assertSame(await log.show(record.webhookId), [record]);
    },
    'what is absent in a record stays absent': async (log) => {
      const record = sampleRefusal();
      await log.record(record);
      assertSame(await log.show(record.webhookId), [record]);
    },
    'a record with text that databases refuse is stored, with other text in its place': async (log) => {
      // U+0000 and a lone surrogate: an operator's signal, or a client of another kind, may carry them.
      const odd = 'a\u0000b\ud800c';
      const attempts = sampleAttempts(1).map((attempt) => ({ ...attempt, code: odd }));
      const record = sampleRecord({ reason: odd, host: odd, attempts });
      await log.record(record);
      const found = await log.show(record.webhookId);
      assertSame(
        found.map(({ state, attempts }) => [state, attempts.length]),
        [[record.state, 1]],
      );
    },
    'an unknown webhook id shows nothing': async (log) => {
      assertSame(await log.show('msg_nobody-knows-this-one'), []);
    },
    'the same record given again, one after the other and at once, is one record': async (log) => {
      const record = sampleRecord();
      await log.record(record);
      await Promise.all(Array.from({ length: 10 }, () => log.record(record)));
      assertSame(await log.show(record.webhookId), [record]);
    },
    'a first record that is given ten times at once is one record': async (log) => {
      const record = sampleRecord();
      await Promise.all(Array.from({ length: 10 }, () => log.record(record)));
      assertSame(await log.show(record.webhookId), [record]);
    },
    'each redelivery cycle is a record of its own, shown in order': async (log) => {
      const first = sampleRecord();
      const second = { ...first, cycle: 2, state: 'delivered' as const };
      const tenth = { ...first, cycle: 10 };
      for (const record of [tenth, first, second]) await log.record(record);
      assertSame(await log.show(first.webhookId), [first, second, tenth]);
    },
    'a run that was reset adds a record and leaves the first as it was': async (log) => {
      const first = sampleRecord();
      const { runId } = sampleRecord();
      const again = { ...first, runId, state: 'delivered' as const, endedAt: '2025-12-22T12:00:00.000Z' };
      for (const record of [first, again, first, again]) await log.record(record);
      assertSame(await log.show(first.webhookId), [first, again]);
    },
    'of two records of one cycle the one with more attempts stays, whichever comes first': async (log) => {
      // A write that hung after the first attempt can land after the record of the whole ladder.
      const early = sampleRecord({
        state: 'delivered',
        attempts: sampleAttempts(1),
        endedAt: '2025-12-22T11:00:00.000Z',
      });
      const whole = { ...early, state: 'failed' as const, attempts: sampleAttempts(5) };
      await staysInAnyOrder(log, whole, early);
    },
    'with as many attempts the one that ended later stays, whichever comes first': async (log) => {
      const early = sampleRecord({ endedAt: '2025-12-22T11:00:00.000Z' });
      await staysInAnyOrder(log, { ...early, state: 'cancelled', endedAt: '2025-12-22T11:00:00.001Z' }, early);
    },
    '`terminated`, written for a run that left no record, replaces none, whichever comes first': async (log) => {
      const record = sampleRecord({ state: 'delivered', attempts: sampleAttempts(1) });
      const late = { ...record, state: 'terminated' as const, attempts: sampleAttempts(2), endedAt: record.endedAt };
      await log.record(record);
      await log.record(late);
      assertSame(await log.show(record.webhookId), [record]);
    },
  });
}

async function staysInAnyOrder(log: Log, winner: DeliveryRecord, loser: DeliveryRecord): Promise<void> {
  for (const [suffix, order] of [
    ['a', [winner, loser]],
    ['b', [loser, winner]],
  ] as const) {
    const webhookId = `${winner.webhookId}-${suffix}`;
    for (const record of order) await log.record({ ...record, webhookId });
    assertSame(await log.show(webhookId), [{ ...winner, webhookId }]);
  }
}

/** The delivery log in memory passes the same suites as the one in PostgreSQL. */
import { describe, expect, test } from '@jest/globals';
import {
  deliveryLogConformance,
  deliveryLogEraseConformance,
  deliveryLogPruneConformance,
  deliveryLogReadConformance,
  deliveryLogStatsConformance,
} from '../../../adapters/conformance/index.ts';
import { sampleRecord } from '../../../adapters/conformance/sample-records.ts';
import { MemoryDeliveryLog } from '../../../adapters/memory.ts';

describe('conformance', () => {
  const open = (): MemoryDeliveryLog => new MemoryDeliveryLog();
  const cases = [
    deliveryLogConformance,
    deliveryLogReadConformance,
    deliveryLogStatsConformance,
    deliveryLogPruneConformance,
    deliveryLogEraseConformance,
  ].flatMap((suite) => suite(open));
  test.each(cases)('$name', ({ run }) => run());
});

test('a full log forgets the record that came first', async () => {
  const log = new MemoryDeliveryLog({ maxRecords: 2 });
  const records = [sampleRecord(), sampleRecord(), sampleRecord()];
  for (const record of records) await log.record(record);
  expect(log.records()).toEqual(records.slice(1));
});

test('neither the record that was given nor the one that was read can change what is kept', async () => {
  const log = new MemoryDeliveryLog();
  const record = sampleRecord();
  const given = structuredClone(record);
  await log.record(given);
  Object.assign(given, { state: 'delivered' });
  Object.assign((await log.show(record.webhookId))[0] ?? {}, { state: 'gone' });
  Object.assign((await log.list()).records[0] ?? {}, { state: 'gone' });
  expect(await log.show(record.webhookId)).toEqual([record]);
});

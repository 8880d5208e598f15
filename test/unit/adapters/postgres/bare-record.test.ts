/** The part of a record that every PostgreSQL takes: how long its texts may be. */
import { expect, test } from '@jest/globals';
import { bareRecord } from '../../../../adapters/postgres/bare-record.ts';
import { sampleRecord } from '../../../../adapters/conformance/sample-records.ts';

test.each([
  [499, 499],
  [500, 500],
  [501, 500],
  [5_000_000, 500],
])('of a text of %i characters %i are stored', (length, stored) => {
  const bare = bareRecord(sampleRecord({ callId: 'x'.repeat(length), cancelReason: 'é'.repeat(length) }));
  expect([bare.callId?.length, bare.cancelReason?.length]).toEqual([stored, stored]);
  expect(bare.repaired?.includes('callId') ?? false).toBe(length > stored);
});

/** The suite for delivery logs that delete by age. */
import assert from 'node:assert/strict';
import type { DeliveryLog, DeliveryLogPruner, DeliveryLogReader } from '../../activities/ports/delivery-log.ts';
import { assertSame, casesFor } from './conformance-case.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { sampleRecord } from './sample-records.ts';

type Log = DeliveryLog & DeliveryLogReader & DeliveryLogPruner;

const YEAR_MS = 365 * 24 * 60 * 60 * 1_000;
/** Older than any real record, so that pruning deletes nothing real. */
const ANCIENT = '1970-01-02T00:00:00.000Z';
const AGE_MS = 40 * YEAR_MS;

/** Test cases for `prune`. They delete only what ended more than 40 years ago. */
export function deliveryLogPruneConformance(open: () => Promise<Log> | Log): readonly ConformanceCase[] {
  return casesFor(open, {
    'prune forgets what ended longer ago, in batches, and keeps the rest': async (log) => {
      const { endpointId } = sampleRecord();
      const recent = sampleRecord({ endpointId, endedAt: new Date().toISOString() });
      await log.record(recent);
      for (let count = 0; count < 5; count += 1) await log.record(sampleRecord({ endpointId, endedAt: ANCIENT }));
      const { records, endedBefore } = await log.prune({ olderThanMs: AGE_MS, batch: 2 });
      assert.ok(records >= 5, `5 records were old, it says ${records}`);
      assert.ok(Math.abs(Date.now() - AGE_MS - Date.parse(endedBefore)) < 60_000, `it says ${endedBefore}`);
      assertSame(await log.list({ endpointId }), { records: [recent] });
      assert.equal((await log.prune({ olderThanMs: AGE_MS })).records, 0);
    },
    'a dry run counts and forgets nothing': async (log) => {
      const old = sampleRecord({ endedAt: ANCIENT });
      await log.record(old);
      const { records } = await log.prune({ olderThanMs: AGE_MS, dryRun: true });
      assert.ok(records >= 1, `1 record was old, it says ${records}`);
      assertSame(await log.show(old.webhookId), [old]);
      await log.prune({ olderThanMs: AGE_MS });
    },
    'an option that does not exist is a RangeError that names it, since it may be a misspelt dry run': async (log) => {
      const old = sampleRecord({ endedAt: ANCIENT });
      await log.record(old);
      const misspelt = { olderThanMs: AGE_MS, dry_run: true };
      await assert.rejects(
        async () => log.prune(misspelt),
        (error) => error instanceof RangeError && error.message.includes('dry_run'),
      );
      assertSame(await log.show(old.webhookId), [old]);
      await log.prune({ olderThanMs: AGE_MS });
    },
    'an age or a batch that cannot be is a RangeError': async (log) => {
      for (const olderThanMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e15]) {
        await assert.rejects(log.prune({ olderThanMs, dryRun: true }), RangeError);
      }
      await assert.rejects(log.prune({ olderThanMs: AGE_MS, batch: 0, dryRun: true }), RangeError);
    },
  });
}

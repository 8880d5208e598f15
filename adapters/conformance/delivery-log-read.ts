/** The suite for the read side of a delivery log. */
import assert from 'node:assert/strict';
import type { DeliveryFilter, DeliveryLog, DeliveryLogReader } from '../../activities/ports/delivery-log.ts';
import { given } from '../../contract/given.ts';
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';
import { assertSame, casesFor } from './conformance-case.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { sampleRecord } from './sample-records.ts';

type Log = DeliveryLog & DeliveryLogReader;

/** Test cases for `list`. `open` is called once per case and may return the same log each time. */
export function deliveryLogReadConformance(open: () => Promise<Log> | Log): readonly ConformanceCase[] {
  return casesFor(open, {
    'a list begins with the latest end': async (log) => {
      const { endpointId, records } = await recorded(log, ['10:01:00.000', '10:03:00.000', '10:02:00.000']);
      const [first, third, second] = records;
      assertSame(await log.list({ endpointId }), { records: [third, second, first] });
    },
    'a list narrows by state, reason, endpoint, call, campaign, account and event': async (log) => {
      const { campaignId, records } = await recorded(log, ['10:01:00.000', '10:02:00.000']);
      const [one, other] = records as [DeliveryRecord, DeliveryRecord];
      const odd = sampleRecord({ ...one, webhookId: `${one.webhookId}-odd`, state: 'delivered', event: 'call.failed' });
      await log.record(odd);
      await found(log, { campaignId }, [other, one, odd]);
      await found(log, { campaignId, state: 'delivered' }, [odd]);
      await found(log, { campaignId, state: ['delivered', 'gone'] }, [odd]);
      await found(log, { campaignId, state: ['delivered', 'failed'] }, [other, one, odd]);
      await found(log, { campaignId, event: 'call.failed' }, [odd]);
      await found(log, { callId: String(other.callId) }, [other]);
      await found(log, { endpointId: one.endpointId, state: 'failed' }, [other, one]);
      await found(log, { endpointId: one.endpointId, callId: 'call-nobody-knows' }, []);
    },
    '`since` takes its own moment in, `until` leaves it out': async (log) => {
      const { endpointId, records } = await recorded(log, ['10:01:00.000', '10:02:00.000', '10:03:00.000']);
      await found(log, { endpointId, since: at('10:01:00.000'), until: at('10:03:00.000') }, [records[1], records[0]]);
      // The same times in another notation.
      await found(log, { endpointId, since: '2025-12-22T11:01:00+01:00', until: '2025-12-22T10:03:00Z' }, [
        records[1],
        records[0],
      ]);
    },
    'an account and a reason are those of the record': async (log) => {
      const { campaignId = '', ...sample } = sampleRecord();
      const mine = {
        ...sample,
        campaignId,
        accountId: `${campaignId}-account`,
        state: 'gone',
        reason: 'http_410',
      } as const;
      const another = sampleRecord({ campaignId });
      for (const record of [mine, another]) await log.record(record);
      await found(log, { accountId: mine.accountId }, [mine]);
      await found(log, { campaignId, reason: 'http_410' }, [mine]);
      await found(log, { campaignId, reason: 'http_41' }, []);
      await found(log, { campaignId, reason: ['http_404', 'http_410'] }, [mine]);
      await found(log, { campaignId, reason: [] }, []);
    },
    '`startedSince` takes its own moment in, `startedUntil` leaves it out': async (log) => {
      const { endpointId } = sampleRecord();
      const starts = ['09:01:00.000', '09:02:00.000', '09:03:00.000'];
      const records = starts.map((start) => sampleRecord({ endpointId, startedAt: at(start) }));
      for (const record of records) await log.record(record);
      await found(log, { endpointId, startedSince: at('09:02:00.000') }, [records[1], records[2]]);
      await found(log, { endpointId, startedUntil: at('09:02:00.000') }, [records[0]]);
    },
    'a field that no filter has is a RangeError that names it, since it would list everything': async (log) => {
      for (const field of ['endpoint', 'call', 'State', 'limits', 'campaign_id']) {
        await assert.rejects(
          log.list({ [field]: 'x' }),
          (error) => error instanceof RangeError && error.message.includes(field),
          field,
        );
      }
    },
    'pages leave nothing out and give nothing twice, also where ends are equal': async (log) => {
      const { endpointId, records } = await recorded(log, [
        ...Array.from({ length: 5 }, () => '10:02:00.000'),
        '10:01:00.000',
        '10:03:00.000',
      ]);
      const seen: string[] = [];
      let after: string | undefined;
      let pages = 0;
      do {
        const page = await log.list({ endpointId, limit: 2, ...given({ after }) });
        assert.ok(page.records.length <= 2, 'a page is no longer than its limit');
        seen.push(...page.records.map(({ webhookId }) => webhookId));
        after = page.next;
        pages += 1;
      } while (after !== undefined && pages < 10);
      assert.equal(pages, 4, 'seven records on pages of two are four pages');
      assertSame(seen.toSorted(), records.map(({ webhookId }) => webhookId).toSorted());
    },
    'records that differ in their run alone are all listed, over pages too': async (log) => {
      const first = sampleRecord();
      const runs = Array.from({ length: 3 }, () => ({ ...first, runId: sampleRecord().runId }));
      for (const record of runs) await log.record(record);
      const { endpointId } = first;
      const seen: string[] = [];
      for (let after: string | undefined, page = 1; page <= 3; page += 1) {
        const { records, next } = await log.list({ endpointId, limit: 1, ...given({ after }) });
        seen.push(...records.map(({ runId }) => runId));
        assert.equal(next === undefined, page === 3, `page ${page} of 3`);
        after = next;
      }
      assertSame(seen.toSorted(), runs.map(({ runId }) => runId).toSorted());
    },
    'no state at all matches nothing': async (log) => {
      const { endpointId } = await recorded(log, ['10:01:00.000']);
      await found(log, { endpointId, state: [] }, []);
    },
    'a state, a limit, a time or a cursor that cannot be is a RangeError': async (log) => {
      const impossible: readonly DeliveryFilter[] = [
        ...[0, -1, 1.5, 1_001, Number.NaN].map((limit) => ({ limit })),
        { state: 'lost' as 'failed' },
        { state: ['failed', 'lost'] as 'failed'[] },
        { since: 'yesterday' },
        { startedSince: 'yesterday' },
        { until: '' },
        { since: '12' },
        { since: '2026-02-30T00:00:00Z' },
        { since: '+010000-01-01T00:00:00Z' },
        { startedUntil: '-000001-01-01T00:00:00Z' },
        { callId: 5 as unknown as string },
        { reason: 5 as unknown as string },
        { reason: ['http_503', null as unknown as string] },
        { campaignId: null as unknown as string },
        ...['', 'x', 'bm90IG91cnM', 'WzEsMiwzXQ'].map((after) => ({ after })),
      ];
      for (const filter of impossible) await assert.rejects(log.list(filter), RangeError, JSON.stringify(filter));
    },
  });
}

/** Stores records of one endpoint and campaign that ended at these times. Each belongs to another call. */
async function recorded(
  log: Log,
  ends: readonly string[],
): Promise<{ endpointId: string; campaignId: string; records: readonly DeliveryRecord[] }> {
  const { endpointId, campaignId = '' } = sampleRecord();
  const records = ends.map((end) => sampleRecord({ endpointId, campaignId, endedAt: at(end) }));
  for (const record of records) await log.record(record);
  return { endpointId, campaignId, records };
}

function at(time: string): string {
  return `2025-12-22T${time}Z`;
}

async function found(log: Log, filter: DeliveryFilter, expected: readonly unknown[]): Promise<void> {
  const { records } = await log.list(filter);
  const byId = (list: readonly unknown[]): unknown[] =>
    (list as DeliveryRecord[]).toSorted((a, b) => a.webhookId.localeCompare(b.webhookId));
  assertSame(byId(records), byId(expected), JSON.stringify(filter));
}

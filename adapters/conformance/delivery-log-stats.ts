/** The suite for delivery logs that count. */
import assert from 'node:assert/strict';
import type { DeliveryLog, DeliveryLogStats, DeliveryStatsQuery } from '../../activities/ports/delivery-log.ts';
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';
import { given } from '../../contract/given.ts';
import { assertSame, casesFor } from './conformance-case.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { sampleAttempts, sampleRecord, sampleRefusal } from './sample-records.ts';

type Log = DeliveryLog & DeliveryLogStats;

/** Test cases for `stats`. `open` is called once per case and may return the same log each time. */
export function deliveryLogStatsConformance(open: () => Promise<Log> | Log): readonly ConformanceCase[] {
  return casesFor(open, {
    'one group of all has counts by state, attempts, percentiles of lateness, and the last end': async (log) => {
      const { endpointId, accountId } = await evening(log);
      assertSame(await log.stats({ endpointId }), {
        groups: [
          {
            deliveries: 4,
            redeliveries: 0,
            states: { failed: 1, cancelled: 1, delivered: 2 },
            attempts: 5,
            lateness: { deliveries: 3, p50Ms: 200, p99Ms: 5_000, maxMs: 5_000 },
            endpoints: 1,
            accounts: 1,
            accountId,
            lastDeliveredAt: at('11:10:00.000'),
            lastEnd: {
              at: at('11:30:00.000'),
              host: 'last.example.com',
              state: 'failed',
              code: 'http_503',
              attempt: { startedAt: at('10:34:50.000'), durationMs: 120, outcome: 'http' },
            },
          },
        ],
        more: false,
      });
    },
    'hours begin with the latest, and a window narrows them': async (log) => {
      const { endpointId } = await evening(log);
      const hours = async (query: DeliveryStatsQuery) =>
        (await log.stats({ by: 'hour', endpointId, ...query })).groups.map(({ key, deliveries }) => [key, deliveries]);
      const ten = [at('10:00:00.000'), 2];
      const eleven = [at('11:00:00.000'), 2];
      assertSame(await hours({}), [eleven, ten]);
      assertSame(await hours({ limit: 1 }), [eleven]);
      assertSame(await hours({ until: at('11:00:00.000') }), [ten]);
      assertSame(await hours({ since: '2025-12-22T12:10:00.000+01:00', until: at('11:30:00.000') }), [[eleven[0], 1]]);
    },
    'per hour and account each account has its own numbers, and those without one come last': async (log) => {
      const { endpointId } = sampleRecord();
      const { accountId: _one, ...bare } = sampleRecord({
        endpointId,
        state: 'delivered',
        endedAt: at('11:40:00.000'),
      });
      await recorded(log, [
        { endpointId, accountId: 'b', state: 'delivered', endedAt: at('10:10:00.000') },
        { endpointId, accountId: 'b', state: 'failed', endedAt: at('11:10:00.000') },
        { endpointId, accountId: 'b', state: 'delivered', endedAt: at('11:20:00.000') },
        { endpointId, accountId: 'a', state: 'delivered', endedAt: at('11:30:00.000') },
      ]);
      await log.record(bare);
      const hours = async (limit: number) => {
        const { groups, more } = await log.stats({ by: 'hour,account', endpointId, limit });
        return [groups.map(({ key, accountId, states }) => [key, accountId, states]), more];
      };
      const eleven = at('11:00:00.000');
      const all = [
        [eleven, 'a', { delivered: 1 }],
        [eleven, 'b', { delivered: 1, failed: 1 }],
        [eleven, undefined, { delivered: 1 }],
        [at('10:00:00.000'), 'b', { delivered: 1 }],
      ];
      assertSame(await hours(4), [all, false]);
      assertSame(await hours(2), [all.slice(0, 2), true]);
    },
    'accounts and endpoints begin with those that most was not delivered to': async (log) => {
      const { endpointId, accountId } = await evening(log);
      const others = ['three', 'one', 'none'].map((name) => `${accountId}-${name}`);
      const [three = '', one = '', none = ''] = others;
      await recorded(log, [
        { endpointId, accountId: none, state: 'delivered' },
        { endpointId, accountId: one, state: 'failed' },
        { endpointId, accountId: three, state: 'gone' },
        { endpointId, accountId: three, state: 'delivered' },
        { endpointId, accountId: three, state: 'delivered' },
      ]);
      const { groups } = await log.stats({ by: 'account', endpointId });
      assertSame(
        groups.map(({ key, deliveries }) => [key, deliveries]),
        [
          [accountId, 4],
          [three, 3],
          [one, 1],
          [none, 1],
        ],
      );
      assertSame(await log.stats({ by: 'account', endpointId, limit: 1 }), { groups: groups.slice(0, 1), more: true });
      const ofAccount = (await log.stats({ by: 'endpoint', accountId })).groups;
      assertSame(
        ofAccount.map(({ key, deliveries }) => [key, deliveries]),
        [[endpointId, 4]],
      );
      assertSame(
        (await log.stats({ endpointId })).groups.map(({ accounts }) => accounts),
        [4],
      );
    },
    'what has neither account nor lateness nor attempts says so': async (log) => {
      const refusal = { ...sampleRefusal(), reason: 'scheme' };
      const { endpointId, host, endedAt } = refusal;
      await log.record({ ...refusal, state: 'cancelled', runId: 'run-2' });
      const none = { deliveries: 1, redeliveries: 0, attempts: 0, endpoints: 1, accounts: 0 };
      assertSame(await log.stats({ endpointId }), { groups: [{ ...none, states: { cancelled: 1 } }], more: false });
      await log.record(refusal);
      assertSame(await log.stats({ by: 'account', endpointId }), {
        groups: [
          {
            ...none,
            deliveries: 2,
            states: { refused: 1, cancelled: 1 },
            lastEnd: { at: endedAt, host, state: 'refused', code: 'scheme' },
          },
        ],
        more: false,
      });
      assertSame(await log.stats({ endpointId: 'ep_nobody-knows' }), { groups: [], more: false });
    },
    'the last end is that with the latest attempt, whenever a delivery without an answer ended': async (log) => {
      const { endpointId } = sampleRecord();
      await recorded(log, [
        { endpointId, state: 'delivered', endedAt: at('11:00:00.120'), attempts: lateBy('11:00:00.000') },
        { endpointId, state: 'cancelled', endedAt: at('12:00:00.000'), attempts: lateBy('10:59:59.000') },
      ]);
      const [group] = (await log.stats({ endpointId })).groups;
      assertSame(group?.lastEnd, {
        at: at('11:00:00.120'),
        host: 'crm.example.com',
        state: 'delivered',
        code: 'http_503',
        attempt: { startedAt: at('11:00:00.000'), durationMs: 120, outcome: 'http' },
      });
    },
    'a run that was reset makes its webhook no later: its earliest first attempt counts': async (log) => {
      const { endpointId, webhookId } = sampleRecord();
      await recorded(log, [
        { endpointId, webhookId, runId: 'a-reset', attempts: lateBy('10:33:57.800'), endedAt: at('11:00:00.000') },
        { endpointId, webhookId, runId: 'first', attempts: lateBy('10:32:53.400'), endedAt: at('10:40:00.000') },
        { endpointId, webhookId, cycle: 2, attempts: lateBy('10:32:51.000'), endedAt: at('11:10:00.000') },
      ]);
      const [group] = (await log.stats({ endpointId })).groups;
      const lateness = { deliveries: 2, p50Ms: 1_000, p99Ms: 3_400, maxMs: 3_400 };
      assertSame([group?.deliveries, group?.redeliveries, group?.lateness], [3, 1, lateness]);
    },
    'reasons begin with the one of most deliveries; what was delivered has none': async (log) => {
      const { accountId = '', webhookId } = sampleRecord();
      await recorded(log, [
        { accountId, state: 'delivered' },
        { accountId, reason: 'http_503', endpointId: 'ep_one' },
        { accountId, reason: 'http_503', endpointId: 'ep_one', state: 'cancelled' },
        { accountId, reason: 'http_503', endpointId: 'ep_two' },
        { accountId, reason: 'http_410', webhookId, state: 'gone' },
        { accountId, reason: 'http_410', webhookId, state: 'gone', cycle: 2 },
        { accountId, reason: 'secret_unknown', state: 'refused', attempts: [] },
      ]);
      // As a cancel records it: after a failed attempt, too, it has no reason.
      for (const attempts of [[], sampleAttempts(1)]) {
        const { reason: _none, ...cancelled } = sampleRecord({ accountId, state: 'cancelled', attempts });
        await log.record(cancelled);
      }
      const { groups } = await log.stats({ by: 'reason', accountId });
      assertSame(
        groups.map(({ key, states, webhooks, endpoints }) => [key, states, webhooks, endpoints]),
        [
          ['http_503', { failed: 2, cancelled: 1 }, 3, 2],
          ['cancelled', { cancelled: 2 }, 2, 2],
          ['http_410', { gone: 2 }, 1, 2],
          ['secret_unknown', { refused: 1 }, 1, 1],
          [undefined, { delivered: 1 }, 1, 1],
        ],
      );
      // Whose endpoint it is, if all are to one.
      const ofOne = (await log.stats({ by: 'reason', accountId, endpointId: 'ep_one' })).groups;
      assertSame(
        [...groups.slice(0, 1), ...ofOne].map(({ endpointId }) => endpointId),
        [undefined, 'ep_one'],
      );
    },
    'what our rules refused or a fault of ours ended is no attempt that was sent': async (log) => {
      const { endpointId } = sampleRecord();
      const [sent, ...others] = sampleAttempts(3);
      const [refused, unsent] = [{ outcome: 'refused' }, { outcome: 'not_sent' }] as const;
      const attempts = [sent, { ...others[0], ...refused }, { ...others[1], ...unsent }];
      await log.record(sampleRecord({ endpointId, attempts: attempts as DeliveryRecord['attempts'] }));
      const [group] = (await log.stats({ endpointId })).groups;
      assertSame(group?.attempts, 1);
    },
    'a field, a kind of group, a limit or a time that cannot be is a RangeError': async (log) => {
      const impossible: readonly object[] = [
        { by: 'host' },
        { host: 'crm.example.com' },
        { limit: 0 },
        { limit: 10_001 },
        { since: 'yesterday' },
        { until: '+010000-01-01T00:00:00Z' },
        { accountId: 5 },
      ];
      for (const query of impossible) await assert.rejects(log.stats(query), RangeError, JSON.stringify(query));
    },
  });
}

/** Four deliveries of one endpoint and account: two ended from ten to eleven, two from eleven on. */
async function evening(log: Log): Promise<{ endpointId: string; accountId: string }> {
  const { endpointId, accountId = '' } = sampleRecord();
  const ends = [
    { endedAt: at('10:00:00.000'), state: 'delivered', attempts: lateBy('10:32:50.100') },
    { endedAt: at('10:59:59.999'), state: 'cancelled', attempts: [] },
    { endedAt: at('11:10:00.000'), state: 'delivered', attempts: lateBy('10:32:50.200') },
    {
      endedAt: at('11:30:00.000'),
      state: 'failed',
      attempts: [...lateBy('10:32:55.000'), ...sampleAttempts(3).slice(1)],
      host: 'last.example.com',
    },
  ] as const;
  await recorded(
    log,
    ends.map((end) => ({ endpointId, accountId, ...end })),
  );
  return { endpointId, accountId };
}

async function recorded(log: Log, changes: readonly Partial<DeliveryRecord>[]): Promise<void> {
  for (const { reason, ...change } of changes) {
    const { reason: sampled, ...record } = sampleRecord(change);
    await log.record(change.state === 'delivered' ? record : { ...record, ...given({ reason: reason ?? sampled }) });
  }
}

function lateBy(startedAt: string): DeliveryRecord['attempts'] {
  return sampleAttempts(1).map((attempt) => ({ ...attempt, startedAt: at(startedAt) }));
}

function at(time: string): string {
  return `2025-12-22T${time}Z`;
}

/** What `endpoints` asks the log about one endpoint: the first failure after the last success, whatever the window. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sampleAttempts, sampleRecord } from '../../../../adapters/conformance/sample-records.ts';
import { MemoryDeliveryLog } from '../../../../adapters/index.ts';
import { historiesOf } from '../../../../cli/commands/endpoints/histories.ts';
import type { DeliveryRecord } from '../../../../contract/schemas/delivery-record.ts';

const ID = 'ep_a';
const START_MS = Date.UTC(2026, 5, 1, 12);
const at = (minute: number): string => new Date(START_MS + minute * 60_000).toISOString();

function ending(minute: number, state: DeliveryRecord['state']): DeliveryRecord {
  const outcome = state === 'delivered' ? 'delivered' : 'http';
  const attempts = sampleAttempts(1).map((attempt) => ({ ...attempt, startedAt: at(minute), outcome }) as const);
  const { reason, ...record } = sampleRecord({ endpointId: ID, state, endedAt: at(minute) });
  if (state === 'refused') return { ...record, reason: 'secret_unknown', attempts: [] };
  return { ...record, ...(state === 'delivered' ? {} : { reason }), attempts };
}

async function historyOf(records: readonly DeliveryRecord[], since: string, withinMs?: number) {
  const log = new MemoryDeliveryLog();
  for (const record of records) await log.record(record);
  const window = { since, until: at(1_000) };
  const { groups } = await log.stats({ by: 'endpoint', ...window });
  const counts = ({ states }: (typeof groups)[number]) => ({
    delivered: states.delivered ?? 0,
    refused: states.refused ?? 0,
  });
  const waiting = [{ workflowId: 'w', runId: 'r', state: 'retrying', startedAt: at(999), endpointIds: [ID] }] as const;
  const ended = groups.map((group) => ({ ...group, ...counts(group) }));
  return (await historiesOf(log, ended, waiting, window, () => {}, withinMs)).get(ID);
}

test('the first failure after the last success does not move with the window', async () => {
  const states = fc.array(fc.constantFrom('delivered' as const, 'failed' as const, 'cancelled' as const), {
    maxLength: 12,
  });
  const property = fc.asyncProperty(states, fc.integer({ min: 0, max: 12 }), async (chosen, cut) => {
    const records = chosen.map((state, minute) => ending(minute, state));
    const lastDelivered = chosen.lastIndexOf('delivered');
    const isWell = lastDelivered >= cut && lastDelivered === chosen.length - 1;
    const first = chosen.length > lastDelivered + 1 ? at(lastDelivered + 1) : undefined;
    const history = await historyOf(records, at(cut));
    if (isWell) expect(history).toBeUndefined();
    else expect([history?.failedAt, history?.isWhole]).toEqual([first, true]);
  });
  await fc.assert(property, { numRuns: 200 });
});

test('more failures than are read are a bound', async () => {
  const records = Array.from({ length: 1_001 }, (_, index) => ending(index / 100, 'failed'));
  expect(await historyOf(records, at(0))).toMatchObject({ isWhole: false });
});

test('no further endpoint is asked about when the time is over', async () => {
  expect(await historyOf([ending(1, 'failed')], at(0), 0)).toBeUndefined();
});

test('refused deliveries have their reason, also where a failure came later', async () => {
  const records = [ending(1, 'delivered'), ending(2, 'refused'), ending(3, 'refused'), ending(4, 'failed')];
  expect(await historyOf(records, at(0))).toEqual({
    isWhole: true,
    lastDeliveredAt: at(1),
    failedAt: at(4),
    refusedFor: ['secret_unknown'],
  });
  expect(await historyOf(records.slice(0, 3), at(0))).toMatchObject({ failedAt: at(2) });
});

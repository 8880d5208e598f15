/** Records that PostgreSQL refuses: each is stored without what was refused, and says so. An outage stays an outage. */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PostgresDeliveryLog } from '../../adapters/index.ts';
import { sampleAttempts, sampleRecord, sampleRefusal } from '../../adapters/conformance/sample-records.ts';
import type { DeliveryRecord } from '../../contract/index.ts';
import { aFailedCall } from '../support/builders.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startReceiver } from '../support/receiver.ts';
import { openStage } from '../support/stage.ts';
import { devServer } from '../support/temporal-server.ts';
import { untilRetrying } from '../support/until-retrying.ts';

let server: TestPostgres;
let log: PostgresDeliveryLog;
const opened: PostgresDeliveryLog[] = [];

beforeAll(async () => {
  server = await startPostgres();
  log = new PostgresDeliveryLog({ connectionString: server.url });
  await log.migrate();
});
afterAll(async () => {
  await Promise.all([log, ...opened].map((each) => each.close()));
  await server.close();
});

/** A record without repairs of before. */
function aRecord(change: object = {}): DeliveryRecord {
  const { repaired: _none, ...record } = sampleRecord();
  return { ...record, ...change };
}

/** PostgreSQL compresses what repeats itself, and then takes it. */
const long = randomBytes(4_000).toString('hex');

describe('what the server refuses is changed or left out, and `repaired` names it', () => {
  test.each([
    ['U+0000 in a reason', { reason: 'a\0b' }, ['reason'], { reason: 'a\uFFFDb' }],
    ['a lone surrogate in a host', { host: 'a\udc00b' }, ['host'], { host: 'a\uFFFDb' }],
    [
      'both in a code of an attempt, which is jsonb',
      { attempts: sampleAttempts(1).map((attempt) => ({ ...attempt, code: '\0\ud800' })) },
      ['attempts'],
      { attempts: [expect.objectContaining({ code: '\uFFFD\uFFFD', status: 503 })] },
    ],
    ['a call id that is too long for an index', { callId: long }, ['callId'], { callId: long.slice(0, 500) }],
    ['a size out of range', { bodyBytes: 2 ** 40 }, ['bodyBytes'], { state: 'failed', reason: 'http_503' }],
    ['a size that is no whole number', { bodyBytes: 1.5 }, ['bodyBytes'], { bodySha256: expect.any(String) }],
    ['a cycle of zero', { cycle: 0 }, ['cycle'], { cycle: 1 }],
    ['a time that is none', { endedAt: 'yesterday evening' }, ['endedAt'], { endedAt: '1970-01-01T00:00:00.000Z' }],
    ['a missing time', { startedAt: undefined }, ['startedAt'], { startedAt: '1970-01-01T00:00:00.000Z' }],
    ['a promised time that is none', { promisedAt: 'now' }, ['promisedAt'], { startedAt: expect.any(String) }],
    ['no attempts at all', { attempts: null }, ['attempts'], { attempts: [] }],
    ['a state that is no text', { state: null }, ['state'], { reason: 'http_503' }],
  ])('%s', async (_what, change, repaired, kept) => {
    const record = aRecord(change);
    await log.record(record);
    await log.record(record);
    expect(await log.show(record.webhookId)).toEqual([expect.objectContaining({ ...kept, repaired })]);
  });

  test('a webhook id that cannot be stored is found by the id as it came', async () => {
    for (const webhookId of [`msg_\0${Math.random()}`, `msg_${long}`, `msg_${long}.`]) {
      await log.record(aRecord({ webhookId }));
      expect(await log.show(webhookId)).toMatchObject([{ state: 'failed', repaired: ['webhookId'] }]);
    }
    expect(await log.list({ callId: 'call-\0' })).toEqual({ records: [] });
  });

  test('a record that can be stored as it is says nothing', async () => {
    for (const record of [aRecord(), sampleRefusal(), aRecord({ host: 'caf\u00e9.example', callId: '📞' })]) {
      await log.record(record);
      expect(await log.show(record.webhookId)).toEqual([record]);
    }
  });

  test('in a database of another encoding, text that it lacks', async () => {
    await server.pool.query(`create database latin encoding 'LATIN1' locale 'C' template template0`);
    const url = new URL(server.url);
    url.pathname = '/latin';
    const latin = new PostgresDeliveryLog({ connectionString: url.href, autoMigrate: true });
    opened.push(latin);
    const record = aRecord({ callId: 'call-📞', host: 'caf\u00e9.example' });
    await latin.record(record);
    expect(await latin.show(record.webhookId)).toEqual([
      { ...record, callId: 'call-??', host: 'caf?.example', repaired: ['callId', 'host'] },
    ]);
  });
});

const anyText = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', '\0', '\ud800', 'infinity', 'now', '0000-01-01T00:00:00.000Z', '+275760-09-13T00:00:00.000Z'),
  fc.nat(4_000).map((length) => randomBytes(length).toString('hex')),
);
const anyNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(2 ** 31, -1, 0, 1e300, Number.NaN));
const anything = fc.oneof(anyText, anyNumber, fc.constant(null), fc.boolean(), fc.jsonValue(), fc.array(anyText));
const attempts = fc.array(
  fc.tuple(fc.constantFrom('number', 'startedAt', 'code', 'status', 'more'), anything).map(([name, value]) => ({
    ...sampleAttempts(1)[0],
    [name]: value,
  })),
  { maxLength: 3 },
);
const { webhookId: _key, runId: _run, repaired: _names, ...others } = sampleRecord();
const changes = fc.tuple(
  fc.dictionary(fc.constantFrom(...Object.keys(others)), anything, { maxKeys: 3 }),
  fc.option(fc.record({ webhookId: anyText, runId: anyText }, { requiredKeys: [] })),
);

test('600 generated records: each becomes one row under its id, and says what was changed', async () => {
  const property = fc.asyncProperty(changes, fc.option(attempts), async ([change, key], odd) => {
    const record = aRecord({ ...(odd === null ? {} : { attempts: odd }), ...change, ...key });
    await log.record(record);
    const rows = await log.show(record.webhookId);
    const row = rows.find(({ runId, repaired = [] }) => runId === record.runId || repaired.includes('runId'));
    expect(row).toBeDefined();
    // Fields that are null are not there, as in every record.
    const whole = JSON.stringify(record, (_name, value: unknown) => (value === null ? undefined : value));
    const given = JSON.parse(whole) as Record<string, unknown>;
    const isKept = (name: string): boolean => isDeepStrictEqual(Reflect.get(row ?? {}, name), given[name]);
    const differing = Object.keys(given).filter((name) => !isKept(name));
    if (key === null) expect(differing.filter((name) => row?.repaired?.includes(name) !== true)).toEqual([]);
  });
  await fc.assert(property, { seed: 11, numRuns: 600 });
  expect((await log.list({ limit: 1_000 })).records.length).toBeGreaterThan(300);
}, 120_000);

test('a signal with U+0000 in a report makes no run unrecordable: it closes, and its row says what was changed', async () => {
  const receiver = await startReceiver(503);
  const stage = await openStage({ address: devServer().address, worker: { log } });
  try {
    const handle = await stage.webhooks.callEnded(aFailedCall({ webhook_url: receiver.url }));
    await untilRetrying(handle);
    const run = stage.client.workflow.getHandle(String(handle?.workflowId));
    const [delivery] = (await handle?.status())?.deliveries ?? [];
    const attempt = { ...sampleAttempts(1)[0], number: 2, code: 'odd\0code' };
    const sent = { bodyBytes: 2 ** 40, bodySha256: 'a'.repeat(64) };
    await run.signal('attemptFailed', { endpointId: delivery?.endpointId, attempt, nextDelayMs: 60_000, ...sent });
    await handle?.cancel();
    expect(await handle?.result({ timeoutMs: 60_000 })).toMatchObject({ state: 'cancelled' });
    const [row] = await log.show(String(delivery?.webhookId));
    expect(row).toMatchObject({ state: 'cancelled', repaired: expect.arrayContaining(['bodyBytes']) });
    expect(row?.attempts).toHaveLength(2);
  } finally {
    await stage.close();
    await receiver.close();
  }
});

test('an outage is told as one, also for a record that would be refused', async () => {
  const record = aRecord({ reason: '\0', bodyBytes: 2 ** 40 });
  await server.stop();
  await expect(log.record(record)).rejects.toMatchObject({ code: 'postgres_unavailable', refused: false });
  await server.start();
  await log.record(record);
  expect(await log.show(record.webhookId)).toMatchObject([{ repaired: ['bodyBytes', 'reason'] }]);
});

test('a rule of the host that no form of the record meets is a refusal, and not retried', async () => {
  const strict = new PostgresDeliveryLog({ connectionString: server.url, schema: 'strict', autoMigrate: true });
  opened.push(strict);
  await strict.record(aRecord());
  await server.pool.query(`alter table strict.deliveries add check (host <> 'evil.example.com') not valid`);
  await expect(strict.record(aRecord({ host: 'evil.example.com' }))).rejects.toMatchObject({
    code: 'postgres_failed',
    refused: true,
    sqlState: '23514',
  });
});

/** The PostgreSQL delivery log on a real server: the suites of every log, lost answers, indexes, a host's own pool. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import type { CustomTypesConfig } from 'pg';
import {
  deliveryLogConformance,
  deliveryLogEraseConformance,
  deliveryLogPruneConformance,
  deliveryLogReadConformance,
  deliveryLogStatsConformance,
} from '../../adapters/conformance/index.ts';
import { sampleAttempts, sampleRecord } from '../../adapters/conformance/sample-records.ts';
import { percentile } from '../../adapters/delivery-groups.ts';
import { PostgresDeliveryLog } from '../../adapters/index.ts';
import type { PostgresPool } from '../../adapters/index.ts';
import { notingPool, scansOf as plannedScans, type NotedQuery } from '../support/noted-queries.ts';
import { loseOneInsertAnswer, startPostgres, type TestPostgres } from '../support/postgres.ts';

let server: TestPostgres;
let log: PostgresDeliveryLog;
/** What the tests opened. It is closed also when one fails, or Jest would wait for it. */
const opened: Array<() => Promise<void>> = [];

beforeAll(async () => {
  server = await startPostgres();
  log = new PostgresDeliveryLog({ connectionString: server.url });
  await log.migrate();
});
afterAll(async () => {
  await Promise.allSettled([...opened.map((close) => close()), log.close()]);
  await server.close();
});

describe('conformance', () => {
  const cases = [
    deliveryLogConformance,
    deliveryLogReadConformance,
    deliveryLogStatsConformance,
    deliveryLogPruneConformance,
    deliveryLogEraseConformance,
  ].flatMap((suite) => suite(() => log));
  test.each(cases)('$name', ({ run }) => run());
});

test('a commit that happened but was reported as failed: the record given again is the one row', async () => {
  const proxy = await loseOneInsertAnswer(server.port);
  opened.push(() => proxy.close());
  const behind = new PostgresDeliveryLog({ connectionString: `postgres://topcalls@127.0.0.1:${proxy.port}/postgres` });
  opened.push(() => behind.close());
  const record = sampleRecord();
  await expect(behind.record(record)).rejects.toMatchObject({ code: 'postgres_unavailable' });
  expect(await rowsOf(record.webhookId)).toBe(1);
  await behind.record(record);
  expect(await rowsOf(record.webhookId)).toBe(1);
  expect(await behind.show(record.webhookId)).toEqual([record]);
});

test("a host's pool stays open, and its own reading of times, numbers and JSON changes no record", async () => {
  const TEXT_TYPE = 25;
  const reading = (type: number) => (text: string) => (type === TEXT_TYPE ? text : `host's own: ${text}`);
  const types: CustomTypesConfig = { getTypeParser: reading };
  const pool = new Pool({ connectionString: server.url, types, options: '-c timezone=Asia/Tokyo -c datestyle=German' });
  opened.push(() => pool.end());
  const hosts = new PostgresDeliveryLog({ pool });
  const record = sampleRecord();
  await hosts.record(record);
  expect(await hosts.show(record.webhookId)).toEqual([record]);
  await hosts.close();
  expect((await pool.query('select 1')).rowCount).toBe(1);
});

test('a record replaces the earlier one of its cycle in every column', async () => {
  const first = sampleRecord({ state: 'delivered', attempts: sampleAttempts(1) });
  const other = sampleRecord({ webhookId: first.webhookId, event: 'campaign.paused', host: 'other.example.com' });
  const second = {
    ...other,
    runId: first.runId,
    startedAt: '2025-12-22T11:00:00.000Z',
    bodyBytes: 7,
    bodySha256: 'ff',
    reason: 'http_500',
  };
  await log.record(first);
  await log.record(second);
  expect(await log.show(first.webhookId)).toEqual([second]);
});

test('without its tables the log says which command makes them', async () => {
  const bare = new PostgresDeliveryLog({ pool: server.pool, schema: 'not_migrated' });
  await expect(bare.record(sampleRecord())).rejects.toThrow(
    /tables are missing or too old; run topcalls-webhooks db migrate \(SQLSTATE 42P01\)/,
  );
  await expect(bare.list()).rejects.toMatchObject({ code: 'postgres_schema' });
});

test('a connection whose query ran into its time limit is thrown away, one that the server refused is kept', async () => {
  const released: (boolean | undefined)[] = [];
  const failing = (error: unknown): PostgresPool => ({
    connect: async () => ({
      query: async () => {
        throw error;
      },
      on: () => {},
      removeListener: () => {},
      release: (destroy) => void released.push(destroy),
    }),
    end: async () => {},
  });
  const timedOut = new PostgresDeliveryLog({ pool: failing(new Error('Query read timeout')) });
  await expect(timedOut.show('msg_1')).rejects.toMatchObject({ code: 'postgres_unavailable' });
  const refused = new PostgresDeliveryLog({ pool: failing({ code: '42501', severity: 'ERROR' }) });
  await expect(refused.show('msg_1')).rejects.toMatchObject({ code: 'postgres_access' });
  expect(released).toEqual([true, false]);
});

describe('with 100,000 rows', () => {
  const noted: NotedQuery[] = [];
  let noting: PostgresDeliveryLog;

  beforeAll(async () => {
    // One call in 50 failed. They are spread over 60 days, 200 endpoints, 1000 campaigns and 500 accounts. None ended
    // close to 30 days ago, so that no row becomes old during a test.
    await server.pool.query(`
      insert into topcalls_webhooks.deliveries
      select 'msg_' || md5(n::text), 1, 'ep_' || n % 200, 'crm.example.com', 'call-webhook/call-' || n, 'run-' || n,
        'call.completed', 'call-' || n, 'camp-' || n % 1000, 'acct-' || n % 500,
        case when n % 50 = 0 then 'failed' else 'delivered' end, null, '[]', 1234, 'ff',
        now() - n * interval '52 seconds', now() - n * interval '52 seconds'
      from generate_series(1, 100000) n
      where n not between 49700 and 49846`);
    await server.pool.query('analyze topcalls_webhooks.deliveries');
    noting = new PostgresDeliveryLog({ pool: notingPool(server.pool, noted) });
  });

  /** Indexes that the plan of the log's last query uses; a sequential scan is named as one. */
  async function scansOf(use: () => Promise<unknown>): Promise<string[]> {
    noted.length = 0;
    await use();
    expect(noted).toHaveLength(1);
    return plannedScans(server.pool, noted[0]);
  }
  const daysAgo = (days: number): string => new Date(Date.now() - 86_400_000 * days).toISOString();

  test('list --state failed --since 1d uses the index of states, and so does the next page', async () => {
    const filter = { state: 'failed', since: daysAgo(1), limit: 10 } as const;
    const { records, next } = await log.list(filter);
    expect(records).toHaveLength(10);
    expect(await scansOf(() => noting.list(filter))).toEqual(['deliveries_by_state']);
    expect(await scansOf(() => noting.list({ ...filter, after: String(next) }))).toEqual(['deliveries_by_state']);
  });

  test('show uses the primary key', async () => {
    const id = 'msg_a87ff679a2f3e71d9181a67b7542122c';
    expect(await log.show(id)).toMatchObject([{ webhookId: id, callId: 'call-4' }]);
    expect(await scansOf(() => noting.show(id))).toEqual(['deliveries_pkey']);
  });

  test('erase uses the primary key', async () => {
    expect(await scansOf(() => noting.erase(['msg_nobody', 'msg_nobody-else']))).toEqual(['deliveries_pkey']);
  });

  test('the other questions use an index each', async () => {
    expect(await scansOf(() => noting.list({ endpointId: 'ep_7', since: daysAgo(7) }))).toEqual([
      'deliveries_by_endpoint',
    ]);
    expect(await scansOf(() => noting.list({ campaignId: 'camp-7' }))).toEqual(['deliveries_by_campaign']);
    expect(await scansOf(() => noting.list({ callId: 'call-7' }))).toEqual(['deliveries_by_call']);
    expect(await scansOf(() => noting.list({ accountId: 'acct-7', since: daysAgo(7) }))).toEqual([
      'deliveries_by_account',
    ]);
    expect(await scansOf(() => noting.list())).toEqual(['deliveries_by_end']);
  });

  test('an account that was busy long ago is found by its own index, although it has every twentieth row', async () => {
    await server.pool.query(`update topcalls_webhooks.deliveries set account_id = 'acct-old'
      where webhook_id in (select 'msg_' || md5(n::text) from generate_series(90001, 95000) n)`);
    await server.pool.query('analyze topcalls_webhooks.deliveries');
    const filter = { accountId: 'acct-old', limit: 10 };
    const { records, next } = await log.list(filter);
    expect(records).toHaveLength(10);
    expect(await scansOf(() => noting.list(filter))).toEqual(['deliveries_by_account']);
    const page = { ...filter, after: String(next), until: daysAgo(30) };
    expect(await scansOf(() => noting.list(page))).toEqual(['deliveries_by_account']);
  });

  test('numbers of an account, of an endpoint, and of a day use an index each', async () => {
    const since = daysAgo(1);
    expect(await scansOf(() => noting.stats({ accountId: 'acct-7' }))).toEqual(['deliveries_by_account']);
    expect(await scansOf(() => noting.stats({ endpointId: 'ep_7', since }))).toEqual(['deliveries_by_endpoint']);
    for (const by of ['hour', 'account', 'endpoint'] as const) {
      expect(await scansOf(() => noting.stats({ by, since }))).toEqual(['deliveries_by_end']);
    }
  });

  test('percentiles are of the smallest value that so many do not exceed: of 1 to 200 ms 100 and 198', async () => {
    await server.pool
      .query(`insert into topcalls_webhooks.deliveries (webhook_id, cycle, endpoint_id, host, workflow_id,
        run_id, event, state, attempts, started_at, ended_at, lateness_ms)
      select 'msg_late-' || n, 1, 'ep_late', 'h', 'w', 'r', 'call.completed', 'delivered', '[]', now(), now(), n
      from generate_series(1, 200) n`);
    const { groups } = await log.stats({ endpointId: 'ep_late' });
    expect(groups).toMatchObject([{ lateness: { deliveries: 200, p50Ms: 100, p99Ms: 198, maxMs: 200 } }]);
    const inMemory = Array.from({ length: 200 }, (_, index) => index + 1);
    expect([percentile(inMemory, 0.5), percentile(inMemory, 0.99)]).toEqual([100, 198]);
  });

  test('two prunes at once take every old row, and none is counted twice', async () => {
    const options = { olderThanMs: 30 * 86_400_000, batch: 5_000 };
    const { records: old } = await log.prune({ ...options, dryRun: true });
    expect(old).toBeGreaterThan(50_000);
    const pruned = await Promise.all([log.prune(options), log.prune(options)]);
    expect(pruned.reduce((sum, { records }) => sum + records, 0)).toBe(old);
    expect((await log.prune({ ...options, dryRun: true })).records).toBe(0);
  });
});

async function rowsOf(webhookId: string): Promise<number> {
  const found = await server.pool.query('select 1 from topcalls_webhooks.deliveries where webhook_id = $1', [
    webhookId,
  ]);
  return found.rowCount ?? 0;
}

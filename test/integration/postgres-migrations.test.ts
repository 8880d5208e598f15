/** The log's schema on a real server: five workers at once, a DBA instead of us, another version of this package. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { sampleAttempts, sampleRecord } from '../../adapters/conformance/sample-records.ts';
import { PostgresDeliveryLog, postgresMigrationSql } from '../../adapters/index.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { transactionPooler } from '../support/transaction-pooler.ts';

/** All migrations there are. */
const MIGRATIONS = ['0001_deliveries', '0002_run_in_key', '0003_who_asked', '0004_reports', '0005_recorded_at'];
const APPLIED = MIGRATIONS.map((name) => ({ name }));

let server: TestPostgres;
const opened: PostgresDeliveryLog[] = [];

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await Promise.all(opened.map((log) => log.close()));
  await server.close();
});

/** A log with a pool of its own, as each worker has. */
function logIn(schema: string, more: { readonly autoMigrate?: boolean } = {}): PostgresDeliveryLog {
  const log = new PostgresDeliveryLog({ connectionString: server.url, schema, ...more });
  opened.push(log);
  return log;
}

test('five workers racing the first migration make one schema, and all of them go on', async () => {
  for (let round = 1; round <= 5; round += 1) {
    const workers = Array.from({ length: 5 }, () => logIn(`race_${round}`));
    const applied = await Promise.all(workers.map((worker) => worker.migrate()));
    expect(applied.flat()).toEqual(MIGRATIONS);
    await Promise.all(workers.map((worker) => worker.record(sampleRecord())));
    expect((await workers[0]?.list())?.records).toHaveLength(5);
    expect(await workers[0]?.schemaStatus()).toMatchObject({ applied: APPLIED, pending: [] });
  }
});

test('five workers that migrate by themselves record their first deliveries at once', async () => {
  const workers = Array.from({ length: 5 }, () => logIn('auto', { autoMigrate: true }));
  const record = sampleRecord();
  await Promise.all(workers.flatMap((worker) => [worker.record(record), worker.record(sampleRecord())]));
  expect((await workers[0]?.list())?.records).toHaveLength(6);
});

test('through a pooler in transaction mode workers race to one schema, and no lock is left in any session', async () => {
  const pooler = await transactionPooler(server.url, 3);
  try {
    for (let round = 1; round <= 5; round += 1) {
      const workers = Array.from(
        { length: 5 },
        () => new PostgresDeliveryLog({ pool: pooler.pool, schema: `p_${round}` }),
      );
      const applied = await Promise.all(workers.map((worker) => worker.migrate()));
      expect(applied.flat()).toEqual((await workers[0]?.schemaStatus())?.applied.map(({ name }) => name));
      await Promise.all(workers.map((worker) => worker.record(sampleRecord())));
      expect((await workers[0]?.list())?.records).toHaveLength(5);
    }
    expect(await advisoryLocks()).toEqual([]);
  } finally {
    await pooler.close();
  }
});

test('a worker waits for one that migrates, also where the host reads in snapshots', async () => {
  const pool = new Pool({ connectionString: server.url, options: '-c default_transaction_isolation=serializable' });
  try {
    const workers = Array.from({ length: 3 }, () => new PostgresDeliveryLog({ pool, schema: 'snapshots' }));
    const applied = await Promise.all(workers.map((worker) => worker.migrate()));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  } finally {
    await pool.end();
  }
});

test('the printed SQL, run by a DBA, makes the same schema, and nothing is left to migrate', async () => {
  expect(await logIn('by_dba').schemaStatus()).toEqual({ applied: [], pending: MIGRATIONS, unknown: [] });
  await server.pool.query(await postgresMigrationSql({ schema: 'by_dba' }));
  expect(await logIn('by_dba').schemaStatus()).toMatchObject({ applied: APPLIED, pending: [] });
  await logIn('by_us').migrate();
  const [byDba, byUs] = await Promise.all([shapeOf('by_dba'), shapeOf('by_us')]);
  expect(byDba).toEqual(byUs);
  // Two tables, eight indexes.
  expect(byUs.filter((line) => line.includes('create') || line.includes('CREATE'))).toHaveLength(8);
  expect(await logIn('by_dba').migrate()).toEqual([]);
  const record = sampleRecord();
  await logIn('by_dba').record(record);
  expect(await logIn('by_dba').show(record.webhookId)).toEqual([record]);
});

test('an index that a DBA has built before the migration is kept as it is', async () => {
  const log = logIn('by_hand');
  await log.migrate();
  const shape = await shapeOf('by_hand');
  await server.pool.query(`delete from by_hand.migrations where name = '0004_reports';
    alter table by_hand.deliveries drop column promised_at, drop column lateness_ms;
    drop index by_hand.deliveries_by_account`);
  const plan = await postgresMigrationSql({
    schema: 'by_hand',
    applied: MIGRATIONS.filter((name) => name !== '0004_reports'),
  });
  const byHand = /^-- (create index concurrently .*)$/m.exec(plan)?.[1];
  await server.pool.query(String(byHand));
  expect(await log.migrate()).toEqual(['0004_reports']);
  const withoutPlace = (lines: readonly string[]) => lines.map((line) => line.replace(/ \d+ /, ' ')).sort();
  expect(withoutPlace(await shapeOf('by_hand'))).toEqual(withoutPlace(shape));
});

test('a user without the right to create may use a schema that is up to date, also with autoMigrate', async () => {
  await logIn('granted').migrate();
  await server.pool.query(`create role teller login;
    grant usage on schema granted to teller;
    grant select, insert, update on granted.deliveries to teller;
    grant select on granted.migrations to teller`);
  const url = server.url.replace('topcalls:any@', 'teller@');
  const log = new PostgresDeliveryLog({ connectionString: url, schema: 'granted', autoMigrate: true });
  opened.push(log);
  const record = sampleRecord();
  await log.record(record);
  expect(await log.show(record.webhookId)).toEqual([record]);
  await expect(log.prune({ olderThanMs: 0 })).rejects.toMatchObject({ code: 'postgres_access', sqlState: '42501' });
});

test('a log of before, whose rows had no run in their key, keeps its rows and takes a run that was reset', async () => {
  const log = logIn('before');
  await log.migrate();
  const first = sampleRecord();
  await log.record(first);
  await server.pool.query(`delete from before.migrations where name = '0002_run_in_key';
    alter table before.deliveries drop constraint deliveries_pkey, add primary key (webhook_id, cycle)`);
  expect(await log.migrate()).toEqual(['0002_run_in_key']);
  const again = { ...first, runId: sampleRecord().runId, endedAt: '2025-12-22T12:00:00.000Z' };
  await log.record(again);
  expect(await log.show(first.webhookId)).toEqual([first, again]);
});

test('an older version works on a schema that a newer one has migrated, and says what it does not know', async () => {
  const log = logIn('newer', { autoMigrate: true });
  await log.migrate();
  await server.pool.query(`insert into newer.migrations values ('0999_later', '2030-01-01T00:00:00.000Z')`);
  await log.record(sampleRecord());
  expect(await log.migrate()).toEqual([]);
  expect(await log.schemaStatus()).toMatchObject({ pending: [], unknown: ['0999_later'] });
});

test('a worker of the version before writes and reads beside one that has migrated, and loses nothing of the newer', async () => {
  const log = logIn('beside');
  await log.migrate();
  const { promisedAt: _unknown, ...record } = sampleRecord();
  const late = sampleRecord();
  await log.record(late);
  for (const { webhookId, ...each } of [record, { ...late, attempts: sampleAttempts(3) }]) {
    await server.pool.query(upsertOfTheVersionBefore('beside'), [
      webhookId,
      each.runId,
      each.endpointId,
      each.accountId,
      JSON.stringify(each.attempts),
      each.startedAt,
      each.endedAt,
    ]);
  }
  const [old] = await log.show(record.webhookId);
  expect(old).toMatchObject({ accountId: record.accountId, attempts: record.attempts });
  expect(old).not.toHaveProperty('promisedAt');
  expect(await log.show(late.webhookId)).toMatchObject([{ promisedAt: late.promisedAt, attempts: sampleAttempts(3) }]);
  expect((await log.list({ accountId: String(record.accountId) })).records).toHaveLength(1);
});

test('a migration that fails leaves nothing behind, and the next one succeeds', async () => {
  await server.pool.query('create schema halfway; create table halfway.deliveries_by_end (id integer)');
  // The index of the same name cannot be made: the last statement of the migration.
  await expect(logIn('halfway').migrate()).rejects.toMatchObject({ code: 'postgres_failed', sqlState: '42P07' });
  expect((await logIn('halfway').schemaStatus()).pending).toEqual(MIGRATIONS);
  await server.pool.query('drop table halfway.deliveries_by_end');
  expect(await logIn('halfway').migrate()).toEqual(MIGRATIONS);
});

test('a log that migrates by itself recovers from a server that was down at its first record', async () => {
  const log = logIn('after_outage', { autoMigrate: true });
  const record = sampleRecord();
  await server.stop();
  await expect(log.record(record)).rejects.toMatchObject({ code: 'postgres_unavailable' });
  await server.start();
  await log.record(record);
  expect(await log.show(record.webhookId)).toEqual([record]);
});

/** What a worker before `0004_reports` writes: it names no column of that migration. */
function upsertOfTheVersionBefore(schema: string): string {
  return `insert into ${schema}.deliveries
      (webhook_id, cycle, run_id, endpoint_id, account_id, attempts, started_at, ended_at, host, workflow_id, event, state)
    values ($1, 1, $2, $3, $4, $5, $6, $7, 'crm.example.com', 'call-webhook/call-1', 'call.completed', 'failed')
    on conflict (webhook_id, cycle, run_id) do update set attempts = excluded.attempts`;
}

async function advisoryLocks(): Promise<unknown[]> {
  return (await server.pool.query(`select * from pg_locks where locktype = 'advisory'`)).rows;
}

/** Columns, constraints and indexes of a schema, as text without its name. */
async function shapeOf(schema: string): Promise<string[]> {
  const { rows } = await server.pool.query<{ line: string }>(
    `select concat_ws(' ', table_name, ordinal_position, column_name, data_type, datetime_precision, is_nullable, column_default) line
       from information_schema.columns where table_schema = $1
     union all select replace(indexdef, $1 || '.', '') from pg_indexes where schemaname = $1
     union all select conrelid::regclass::text || ' ' || pg_get_constraintdef(oid)
       from pg_constraint where connamespace = $1::regnamespace`,
    [schema],
  );
  return rows.map(({ line }) => line.replaceAll(`${schema}.`, '')).sort();
}

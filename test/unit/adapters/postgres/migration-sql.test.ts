/** The SQL of the migrations as text, made without a server. */
import { expect, test } from '@jest/globals';
import { postgresMigrationSql } from '../../../../adapters/index.ts';

test('the SQL of the migrations is printed without a database, in the schema that is asked for', async () => {
  const sql = await postgresMigrationSql({ schema: 'audit' });
  expect(sql).toMatch(
    /^begin;\nselect pg_advisory_xact_lock\(.+\);\nset local lock_timeout = '5s';\ncreate schema if not exists "audit";\n/,
  );
  expect(sql).toMatch(/\ncommit;\n$/);
  expect(sql).toContain('\ncreate table "audit"."deliveries" (\n  webhook_id  text        not null,\n');
  expect(sql).toContain('create index deliveries_by_state on "audit"."deliveries" (state, ended_at);\n');
  expect(sql).toContain(`insert into "audit"."migrations" ("name", "timestamp") values ('0001_deliveries', '`);
  expect(sql).not.toContain('$1');
  expect(sql).not.toContain('topcalls_webhooks');
});

test('where everything is applied no SQL of ours is left to run', async () => {
  const sql = await postgresMigrationSql({
    applied: ['0001_deliveries', '0002_run_in_key', '0003_who_asked', '0004_reports', '0005_recorded_at'],
  });
  expect(sql).not.toMatch(/create|insert/);
});

test('an index is built before the table is altered, and the plan says how to build it by hand', async () => {
  const sql = await postgresMigrationSql({
    schema: 'audit',
    applied: ['0001_deliveries', '0002_run_in_key', '0003_who_asked'],
  });
  const by = 'on "audit"."deliveries" (account_id, ended_at) where account_id is not null;';
  expect(sql).toContain(`\n-- create index concurrently if not exists deliveries_by_account ${by}\nbegin;\n`);
  const steps = sql.match(/^(begin|set local|create index|alter table|commit)/gm);
  expect(steps).toEqual(['begin', 'set local', 'create index', 'alter table', 'alter table', 'alter table', 'commit']);
  // An empty table needs no care.
  expect(await postgresMigrationSql({ schema: 'audit' })).not.toContain('concurrently');
});

test('no lock outlives the transaction: behind a pooler its session is not ours', async () => {
  const sql = await postgresMigrationSql();
  expect(sql.match(/pg_advisory_\w+/g)).toEqual(['pg_advisory_xact_lock']);
  expect(sql.match(/\b(begin|commit);/g)).toEqual(['begin;', 'commit;']);
});

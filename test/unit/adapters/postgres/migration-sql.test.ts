/** The SQL of the migrations as text, made without a server. */
import { expect, test } from '@jest/globals';
import { postgresMigrationSql } from '../../../../adapters/index.ts';

test('the SQL of the migrations is printed without a database, in the schema that is asked for', async () => {
  const sql = await postgresMigrationSql({ schema: 'audit' });
  expect(sql).toMatch(/^begin;\nselect pg_advisory_xact_lock\(.+\);\ncreate schema if not exists "audit";\n/);
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

test('no lock outlives the transaction: behind a pooler its session is not ours', async () => {
  const sql = await postgresMigrationSql();
  expect(sql.match(/pg_advisory_\w+/g)).toEqual(['pg_advisory_xact_lock']);
  expect(sql.match(/\b(begin|commit);/g)).toEqual(['begin;', 'commit;']);
});

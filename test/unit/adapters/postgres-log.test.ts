/** What can be said of the PostgreSQL delivery log without a server. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { PostgresDeliveryLog, PostgresDeliveryLogError, postgresMigrationSql } from '../../../adapters/index.ts';
import { asLogError } from '../../../adapters/postgres/error.ts';
import { loadKysely, openPool } from '../../../adapters/postgres/pool.ts';

const ROOT = join(__dirname, '../../..');

/** Packages that loading `file` loads; type-only imports load nothing. */
function packagesLoadedBy(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)';/gms)].flatMap(
    ([, typeOnly, name = '']) => {
      if (typeOnly !== undefined) return [];
      return name.startsWith('.') ? packagesLoadedBy(join(dirname(file), name), seen) : [name];
    },
  );
}

test('the adapters and conformance doors load without pg and kysely', () => {
  expect(new Set(packagesLoadedBy(join(ROOT, 'adapters/index.ts')))).toEqual(new Set(['undici']));
  expect(new Set(packagesLoadedBy(join(ROOT, 'adapters/conformance/index.ts')))).toEqual(
    new Set(['node:assert/strict', 'node:crypto', 'node:util']),
  );
});

test('a host without pg or kysely is told to install both', () => {
  const missing = (): never => {
    throw Object.assign(new Error("Cannot find module 'pg'"), { code: 'MODULE_NOT_FOUND' });
  };
  for (const use of [() => loadKysely(missing), () => openPool('postgres://db.example.com/topcalls', missing)]) {
    expect(use).toThrow(PostgresDeliveryLogError);
    expect(use).toThrow(/is not installed; both are needed: npm install pg kysely$/);
  }
});

test('a connection string that cannot be read is refused at once, and its password is in no part of the error', () => {
  const open = (): unknown => new PostgresDeliveryLog({ connectionString: 'postgres://me:hunter2@[nowhere/db' });
  expect(open).toThrow(/the connection string cannot be read; it looks like postgres:/);
  let caught: unknown;
  try {
    open();
  } catch (error) {
    caught = error;
  }
  expect(inspect(caught, { depth: 10, showHidden: true })).not.toContain('hunter2');
});

test('logging a log prints no password', () => {
  const log = new PostgresDeliveryLog({ connectionString: 'postgres://me:hunter2@db.example.com/topcalls' });
  expect(`${inspect(log, { depth: 10 })}${JSON.stringify(log)}`).not.toContain('hunter2');
});

test.each([
  [{ code: 'ECONNREFUSED' }, 'postgres_unavailable', undefined],
  [new Error('Query read timeout'), 'postgres_unavailable', undefined],
  [{ code: '57P01', severity: 'FATAL' }, 'postgres_unavailable', '57P01'],
  [{ code: '53300', severity: 'FATAL' }, 'postgres_unavailable', '53300'],
  [{ code: '28P01', severity: 'FATAL' }, 'postgres_access', '28P01'],
  [{ code: '42501', severity: 'ERROR' }, 'postgres_access', '42501'],
  [{ code: '42P01', severity: 'ERROR' }, 'postgres_schema', '42P01'],
  [{ code: '22P02', severity: 'ERROR', message: 'invalid: +14155551234' }, 'postgres_failed', '22P02'],
])('%j is told as %s', (cause, code, sqlState) => {
  const error = asLogError(cause);
  expect(error).toMatchObject({ name: 'PostgresDeliveryLogError', code, sqlState });
  expect(error.message).not.toContain('+14155551234');
});

test('the SQL of the migrations is printed without a database, in the schema that is asked for', async () => {
  const sql = await postgresMigrationSql({ schema: 'audit' });
  expect(sql).toMatch(/^create schema if not exists "audit";\n/);
  expect(sql).toContain('\nbegin;\ncreate table "audit"."deliveries" (\n  webhook_id  text        not null,\n');
  expect(sql).toContain('create index deliveries_by_state on "audit"."deliveries" (state, ended_at);\n');
  expect(sql).toContain(`insert into "audit"."migrations" ("name", "timestamp") values ('0001_deliveries', '`);
  expect(sql).not.toContain('$1');
  expect(sql).not.toContain('topcalls_webhooks');
});

test('where everything is applied no SQL of ours is left to run', async () => {
  const sql = await postgresMigrationSql({ applied: ['0001_deliveries'] });
  expect(sql).not.toMatch(/create|insert/);
});

/** What can be tested of the PostgreSQL delivery log without a server. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { PostgresDeliveryLog, PostgresDeliveryLogError, postgresMigrationSql } from '../../../../adapters/index.ts';
import type { PostgresPool } from '../../../../adapters/postgres/options.ts';
import { loadKysely } from '../../../../adapters/postgres/packages.ts';
import { openPool } from '../../../../adapters/postgres/pool.ts';

const ROOT = join(__dirname, '../../../..');

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
  ['an empty schema', ''],
  ['a name that PostgreSQL would cut', 's'.repeat(64)],
  ['a name with NUL', 'a\0b'],
  ['a number', 7 as unknown as string],
])('%s is a configuration error that says what came and what is allowed', async (_what, schema) => {
  const expected = expect.objectContaining({
    code: 'postgres_configuration',
    message: expect.stringMatching(/schema is .*allowed is a name of 1 to 63 bytes/),
  });
  const open = async (): Promise<unknown> => new PostgresDeliveryLog({ connectionString: 'postgres://db/x', schema });
  await expect(open()).rejects.toEqual(expected);
  await expect(postgresMigrationSql({ schema })).rejects.toEqual(expected);
});

test('every question of the schema has a time limit: a server that takes it and says nothing holds up nobody', async () => {
  const asked: unknown[] = [];
  const client = {
    query: async (config: unknown) => {
      asked.push(config);
      return { command: 'SELECT', rows: [] };
    },
    on: () => {},
    removeListener: () => {},
    release: () => {},
  };
  const pool = { connect: async () => client, end: async () => {} } as unknown as PostgresPool;
  expect((await new PostgresDeliveryLog({ pool }).schemaStatus()).applied).toEqual([]);
  expect(asked.length).toBeGreaterThan(0);
  for (const config of asked) expect(config).toMatchObject({ query_timeout: 10_000 });
});

/** Migrates the log's schema and reports its state, with Kysely's Migrator. */
import type { Kysely, Migrator } from 'kysely';
import { asLogError } from './error.ts';
import type { PostgresSchemaStatus } from './options.ts';
import type { KyselyModule } from './packages.ts';
import { migrationsFor } from './schema.ts';

/** Kysely's own two tables, in our schema. */
export const MIGRATIONS = 'migrations';
export const MIGRATIONS_LOCK = 'migrations_lock';
type MigrationTables = { [MIGRATIONS]: { name: string; timestamp: string } };

/** Applies what is pending; resolves with the names. Safe to call from any number of processes at once: Kysely holds
 *  an advisory lock, and each migration and its entry are one transaction. */
export async function migrateSchema(
  kysely: KyselyModule,
  db: Kysely<never>,
  schema: string,
): Promise<readonly string[]> {
  // At nearly every start nothing is pending. Then no lock is taken, and entries of a newer version are no error.
  const { pending } = await schemaStatus(kysely, db, schema);
  if (pending.length === 0) return [];
  const { error, results = [] } = await migratorFor(kysely, db, schema).migrateToLatest();
  if (error !== undefined) throw asLogError(error);
  return results.map(({ migrationName }) => migrationName);
}

/** Compares the schema with the migrations of this version. Changes nothing. */
export async function schemaStatus(
  kysely: KyselyModule,
  db: Kysely<never>,
  schema: string,
): Promise<PostgresSchemaStatus> {
  const known = Object.keys(migrationsFor(kysely, schema));
  const rows = await appliedRows(db, schema);
  const names = new Set(rows.map(({ name }) => name));
  return {
    applied: rows.map(({ name, timestamp }) => ({ name, at: timestamp })),
    pending: known.filter((name) => !names.has(name)),
    unknown: [...names].filter((name) => !known.includes(name)),
  };
}

async function appliedRows(
  db: Kysely<MigrationTables>,
  schema: string,
): Promise<{ name: string; timestamp: string }[]> {
  try {
    return await db.withSchema(schema).selectFrom(MIGRATIONS).select(['name', 'timestamp']).orderBy('name').execute();
  } catch (cause) {
    const error = asLogError(cause);
    if (error.code === 'postgres_schema') return [];
    throw error;
  }
}

/** Kysely's Migrator over our migrations. */
export function migratorFor(kysely: KyselyModule, db: Kysely<never>, schema: string): Migrator {
  return new kysely.Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrationsFor(kysely, schema)) },
    migrationTableSchema: schema,
    migrationTableName: MIGRATIONS,
    migrationLockTableName: MIGRATIONS_LOCK,
  });
}

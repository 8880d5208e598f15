/** Migrates the log's schema and reports its state. One transaction, so it works through any pooler. */
import type { Kysely, RawBuilder } from 'kysely';
import { asLogError } from './error.ts';
import type { PostgresSchemaStatus } from './options.ts';
import type { KyselyModule } from './packages.ts';
import { migrationsFor } from './schema.ts';

/** The table of applied migrations, in the log's schema. */
const MIGRATIONS = 'migrations';
type MigrationTables = { [MIGRATIONS]: { name: string; timestamp: string } };

/** What a schema has before it is migrated. */
export type SchemaFacts = {
  readonly hasSchema: boolean;
  readonly hasMigrations: boolean;
  readonly applied: readonly string[];
};

/** Applies what is pending; resolves with the names. Any number of processes may call it at once: the first one
 *  migrates, the others wait and find nothing to do. */
export async function migrateSchema(
  kysely: KyselyModule,
  db: Kysely<never>,
  schema: string,
): Promise<readonly string[]> {
  // At nearly every start nothing is pending. Then no lock is taken, and entries of a newer version are no error.
  const { pending } = await schemaStatus(kysely, db, schema);
  if (pending.length === 0) return [];
  try {
    // Read committed, whatever the host's default is: after the wait for the lock, later statements must see what the
    // lock's last holder has done.
    const transactions = db.transaction().setIsolationLevel('read committed');
    return await transactions.execute(async (transaction) => {
      await lock(kysely, schema).execute(transaction);
      // Asked again under the lock: another process may have migrated meanwhile.
      const facts = await schemaFacts(kysely, transaction, schema);
      for (const statement of migrationStatements(kysely, schema, facts)) await statement.execute(transaction);
      return pendingOf(kysely, schema, facts.applied);
    });
  } catch (cause) {
    throw asLogError(cause);
  }
}

/** Compares the schema with the migrations of this version. Changes nothing. */
export async function schemaStatus(
  kysely: KyselyModule,
  db: Kysely<never>,
  schema: string,
): Promise<PostgresSchemaStatus> {
  const rows = await appliedRows(db, schema);
  const names = rows.map(({ name }) => name);
  const known = Object.keys(migrationsFor(kysely, schema));
  return {
    applied: rows.map(({ name, timestamp }) => ({ name, at: timestamp })),
    pending: pendingOf(kysely, schema, names),
    unknown: names.filter((name) => !known.includes(name)),
  };
}

/**
 * The lock under which a schema is migrated, held until the end of the transaction. Not a lock of the session: behind
 * a pooler such as PgBouncer in transaction mode the next statement may run in another session, and the lock would
 * stay.
 */
export function lock({ sql }: KyselyModule, schema: string): RawBuilder<unknown> {
  return sql`select pg_advisory_xact_lock(hashtext(${sql.lit(`topcalls-webhooks/${schema}`)}))`;
}

/** Alters of the table wait for every statement that reads it, and everything behind them waits, too: also the records
 *  of all workers. So they give up soon. Set after the lock above: whoever migrates may take longer. */
function giveUpSoon({ sql }: KyselyModule): RawBuilder<unknown> {
  return sql`set local lock_timeout = '5s'`;
}

/** What remains to be run under the lock, in order. */
export function migrationStatements(
  kysely: KyselyModule,
  schema: string,
  { hasSchema, hasMigrations, applied }: SchemaFacts,
): readonly RawBuilder<unknown>[] {
  const { sql } = kysely;
  const table = sql.id(schema, MIGRATIONS);
  const migrations = migrationsFor(kysely, schema);
  // "if not exists" alone would ask for the right to create schemas even where the schema is there.
  const create = hasSchema ? [] : [sql`create schema if not exists ${sql.id(schema)}`];
  if (!hasMigrations) create.push(sql`create table ${table} (name text primary key, "timestamp" text not null)`);
  const run = pendingOf(kysely, schema, applied).flatMap((name) => [
    ...(migrations[name] ?? []),
    sql`insert into ${table} ("name", "timestamp") values (${sql.lit(name)}, ${sql.lit(new Date().toISOString())})`,
  ]);
  return run.length === 0 ? create : [giveUpSoon(kysely), ...create, ...run];
}

function pendingOf(kysely: KyselyModule, schema: string, applied: readonly string[]): readonly string[] {
  return Object.keys(migrationsFor(kysely, schema)).filter((name) => !applied.includes(name));
}

async function schemaFacts(kysely: KyselyModule, db: Kysely<never>, schema: string): Promise<SchemaFacts> {
  const { sql } = kysely;
  // Asked of the catalogue: a query that fails would end the transaction.
  const question = sql<{ has_schema: boolean; has_migrations: boolean }>`
    select exists (select from pg_namespace where nspname = ${schema}) as has_schema,
      exists (select from pg_tables where schemaname = ${schema} and tablename = ${MIGRATIONS}) as has_migrations`;
  const [found] = (await question.execute(db)).rows;
  const hasMigrations = found?.has_migrations === true;
  const applied = hasMigrations ? (await appliedRows(db, schema)).map(({ name }) => name) : [];
  return { hasSchema: found?.has_schema === true, hasMigrations, applied };
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

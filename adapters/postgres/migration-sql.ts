/** The SQL of the migrations as text. Kysely's Migrator runs against a fake database that only writes down the SQL. */
import type { CompiledQuery, DatabaseConnection, Dialect, Driver } from 'kysely';
import { asLogError } from './error.ts';
import { MIGRATIONS, MIGRATIONS_LOCK, migratorFor } from './migrations.ts';
import { loadKysely } from './packages.ts';
import type { KyselyModule } from './packages.ts';
import { DEFAULT_SCHEMA } from './schema.ts';

/**
 * The SQL that `migrate` would run, for a DBA who runs it instead. It needs no database. `applied`: migrations to
 * leave out; the default is for an empty database. Throws PostgresDeliveryLogError if kysely is not installed.
 */
export async function postgresMigrationSql({
  schema = DEFAULT_SCHEMA,
  applied = [],
}: { readonly schema?: string; readonly applied?: readonly string[] } = {}): Promise<string> {
  const kysely = loadKysely();
  const statements: string[] = [];
  const db = new kysely.Kysely<never>({ dialect: recordingDialect(kysely, schema, applied, statements) });
  const { error } = await migratorFor(kysely, db, schema).migrateToLatest();
  if (error !== undefined) throw asLogError(error);
  return statements.map((statement) => `${statement};\n`).join('');
}

/** A database that writes down each statement. It answers like one that has the migrations `applied`. */
function recordingDialect(
  kysely: KyselyModule,
  schema: string,
  applied: readonly string[],
  statements: string[],
): Dialect {
  const isNew = applied.length === 0;
  const answer = (query: CompiledQuery): unknown[] => {
    if (query.query.kind !== 'SelectQueryNode') statements.push(withValues(query));
    else if (query.sql.includes(`"${MIGRATIONS_LOCK}"`)) return isNew ? [] : [{ id: 'migration_lock' }];
    else return applied.map((name) => ({ name, timestamp: new Date(0).toISOString() }));
    return [];
  };
  const connection = {
    executeQuery: (query: CompiledQuery) => Promise.resolve({ rows: answer(query) }),
  } as DatabaseConnection;
  const note = (statement: string) => async () => void statements.push(statement);
  const driver: Driver = Object.assign(new kysely.DummyDriver(), {
    acquireConnection: () => Promise.resolve(connection),
    beginTransaction: note('begin'),
    commitTransaction: note('commit'),
  });
  const table = (name: string) => ({ name, schema, isView: false, isForeign: false, columns: [] });
  return {
    createDriver: () => driver,
    createAdapter: () => new kysely.PostgresAdapter(),
    createQueryCompiler: () => new kysely.PostgresQueryCompiler(),
    createIntrospector: () => ({
      getSchemas: () => Promise.resolve(isNew ? [] : [{ name: schema }]),
      getTables: () => Promise.resolve(isNew ? [] : [table(MIGRATIONS), table(MIGRATIONS_LOCK)]),
      getMetadata: () => Promise.resolve({ tables: [] }),
    }),
  };
}

/** The statement with its parameters written in. The Migrator's parameters are names, times and numbers. */
function withValues({ sql, parameters }: CompiledQuery): string {
  const literal = (value: unknown): string =>
    typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
  return sql.replaceAll(/\$(\d+)/g, (_, position: string) => literal(parameters[Number(position) - 1])).trim();
}

/** The SQL of the migrations as text, for people. No database is needed for it. */
import type { RawBuilder } from 'kysely';
import { lock, migrationStatements } from './migrations.ts';
import { loadKysely } from './packages.ts';
import type { KyselyModule } from './packages.ts';
import { checkedSchema } from './schema.ts';

/**
 * The SQL that `migrate` would run, for a DBA who runs it instead: one transaction. `applied`: migrations to leave
 * out; the default is for an empty database. Empty if nothing is left. Rejects with PostgresDeliveryLogError if kysely
 * is not installed, or if `schema` is no name.
 */
export async function postgresMigrationSql({
  schema: name,
  applied = [],
}: { readonly schema?: string; readonly applied?: readonly string[] } = {}): Promise<string> {
  const schema = checkedSchema(name);
  const kysely = loadKysely();
  const isThere = applied.length > 0;
  const facts = { hasSchema: isThere, hasMigrations: isThere, applied };
  const statements = migrationStatements(kysely, schema, facts);
  if (statements.length === 0) return '';
  const compile = compiler(kysely);
  const texts = ['begin', ...[lock(kysely, schema), ...statements].map(compile), 'commit'];
  return (isThere ? byHand(texts) : '') + texts.map((text) => `${text};\n`).join('');
}

/** How to build the indexes without making records wait. No transaction can, and neither can `migrate`. */
function byHand(texts: readonly string[]): string {
  const indexes = texts.filter((text) => text.startsWith(INDEX));
  if (indexes.length === 0) return '';
  return [
    'While an index is built, no record is written. On a large table run this before, outside a transaction.',
    'If it fails, drop the index and run it again.',
    ...indexes.map((text) => `${text.replace(INDEX, CONCURRENTLY).replaceAll(/\s+/g, ' ')};`),
  ]
    .map((line) => `-- ${line}\n`)
    .join('');
}

const INDEX = 'create index if not exists';
const CONCURRENTLY = 'create index concurrently if not exists';

/** Turns a statement into text. The statements have no parameters, only literals. */
function compiler(kysely: KyselyModule): (statement: RawBuilder<unknown>) => string {
  const db = new kysely.Kysely<never>({
    dialect: {
      createAdapter: () => new kysely.PostgresAdapter(),
      createDriver: () => new kysely.DummyDriver(),
      createIntrospector: (of) => new kysely.PostgresIntrospector(of),
      createQueryCompiler: () => new kysely.PostgresQueryCompiler(),
    },
  });
  return (statement) => statement.compile(db).sql.trim();
}

/** Opens the delivery log for a `db` command, or says in one line why it cannot. Never shows a password. */
import { PostgresDeliveryLog, PostgresDeliveryLogError } from '../../../adapters/index.ts';
import type { PostgresDeliveryLogErrorCode } from '../../../adapters/index.ts';
import { checkedSchema } from '../../../adapters/postgres/schema.ts';
import { oneLine } from '../../../contract/shown-text.ts';
import { CliError, EXIT, type ExitCode, usageError } from '../../process/exit.ts';
import { type Env, filled } from '../../../temporal-server/env.ts';
import { parseUrl } from '../../../contract/parse-url.ts';

/** Names a database and a schema. */
export type DbTarget = {
  /** Default: TOPCALLS_DATABASE_URL. */
  readonly url?: string;
  /** Default: TOPCALLS_DATABASE_SCHEMA, else `topcalls_webhooks`. */
  readonly schema?: string;
};

/** Options that every `db` command has. */
export type DbOptions = DbTarget & { readonly json: boolean };

/** An open log, and its place in words: `db.internal:5432/topcalls, schema topcalls_webhooks`. */
export type OpenLog = { readonly log: PostgresDeliveryLog; readonly place: string };

const EXIT_CODES: Partial<Record<PostgresDeliveryLogErrorCode, ExitCode>> = {
  postgres_unavailable: EXIT.noServer,
  postgres_configuration: EXIT.usage,
};

/** Calls `use` with the log and closes it. Rejects with CliError. Its exit code is 3 when no server answers, 2 when
 *  the URL or an argument is wrong, and 1 when the server refuses. */
export async function withLog<T>(target: DbTarget, env: Env, use: (open: OpenLog) => Promise<T>): Promise<T> {
  const { url, schema } = resolveTarget(target, env);
  const place = placeOf(url, schema);
  try {
    const log = new PostgresDeliveryLog({ connectionString: url, schema });
    try {
      return await use({ log, place });
    } finally {
      await log.close();
    }
  } catch (error) {
    if (error instanceof RangeError) throw usageError(error.message, { cause: error });
    if (!(error instanceof PostgresDeliveryLogError)) throw error;
    throw new CliError(
      error.code,
      EXIT_CODES[error.code] ?? EXIT.failed,
      `${oneLine(error.message)} (${oneLine(place)})`,
      {
        cause: error,
      },
    );
  }
}

/** Calls `use` with the log if one is named, else with undefined. Rejects as `withLog` does. If the log does not
 *  answer, the words say how to go on without it. */
export async function withOptionalLog<T>(
  target: DbTarget,
  env: Env,
  use: (open: OpenLog | undefined) => Promise<T>,
): Promise<T> {
  if (!namesDatabase(target, env)) return use(undefined);
  return withLogOr('the same command with --url none', target, env, use);
}

/** Calls `use` with the log. Rejects as `withLog` does. If the log does not answer, the words say what Temporal alone
 *  can answer: `instead` is a command. */
export async function withLogOr<T>(
  instead: string,
  target: DbTarget,
  env: Env,
  use: (open: OpenLog) => Promise<T>,
): Promise<T> {
  try {
    return await withLog(target, env, use);
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'postgres_unavailable') throw error;
    const words = `${error.message}. Without the log, by what Temporal knows: ${instead}`;
    throw new CliError(error.code, error.exitCode, words, { cause: error });
  }
}

/** Whether a database is named at all. */
export function namesDatabase({ url }: DbTarget, env: Env): boolean {
  const named = filled(url ?? env['TOPCALLS_DATABASE_URL']);
  return named !== undefined && named !== 'none';
}

/** The schema of `--schema`, the environment, or the default. Throws CliError `bad_option` for what is no name. */
export function schemaOf({ schema }: DbTarget, env: Env): string {
  try {
    return checkedSchema(schema ?? filled(env['TOPCALLS_DATABASE_SCHEMA']));
  } catch (error) {
    throw usageError((error as Error).message, { cause: error });
  }
}

function resolveTarget(target: DbTarget, env: Env): { readonly url: string; readonly schema: string } {
  const url = filled(target.url ?? env['TOPCALLS_DATABASE_URL']);
  if (url === undefined) {
    throw new CliError('no_database_url', EXIT.usage, 'no database is named: set TOPCALLS_DATABASE_URL, or pass --url');
  }
  if (url === 'none') {
    const message = "TOPCALLS_DATABASE_URL is 'none', and this command needs a delivery log: pass --url";
    throw new CliError('no_database_url', EXIT.usage, message);
  }
  if (!/^postgres(ql)?:\/\//.test(url)) {
    const form = 'postgres://user:password@host:5432/database';
    throw new CliError('bad_database_url', EXIT.usage, `the database URL (not shown here) must look like ${form}`);
  }
  return { url, schema: schemaOf(target, env) };
}

function placeOf(url: string, schema: string): string {
  const place = parseUrl(url);
  if (place === undefined) return `schema ${schema}`;
  return `${place.host === '' ? 'local socket' : place.host}${place.pathname}, schema ${schema}`;
}

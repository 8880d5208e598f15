/** Options and results of `PostgresDeliveryLog`. They name no type of `pg` or `kysely`, which a host may not have. */
import { checkMethod, checkOptionNames } from '../../contract/known-options.ts';

/** The part of a `Pool` of the package `pg` that the log uses. */
export type PostgresPool = {
  connect(): Promise<PostgresClient>;
  end(): Promise<void>;
};

/** The part of a pool's client that the log uses. */
export type PostgresClient = {
  query(query: {
    readonly text: string;
    readonly values: unknown[];
    readonly query_timeout?: number;
  }): Promise<{ command: string; rowCount: number | null; rows: unknown[] }>;
  on(event: 'error', listener: () => void): unknown;
  removeListener(event: 'error', listener: () => void): unknown;
  release(destroy?: boolean): void;
};

/** Settings of `PostgresDeliveryLog`. */
export type PostgresDeliveryLogOptions = (
  | {
      /** The host's `Pool` of the package `pg`. The log never ends it. Give it an `error` listener, as every pool
       *  needs one. */
      readonly pool: PostgresPool;
    }
  | {
      /** Such as `postgres://user:password@host:5432/database`. The log opens a pool of up to 10 connections;
       *  `close()` ends it. */
      readonly connectionString: string;
    }
) & {
  /** PostgreSQL schema that holds the log. Default `topcalls_webhooks`. */
  readonly schema?: string;
  /** Migrate before the first query; tried again while that fails. Default false: run `topcalls-webhooks db migrate`,
   *  or call `migrate()`, before the first delivery ends. */
  readonly autoMigrate?: boolean;
};

const OPTIONS = ['pool', 'connectionString', 'schema', 'autoMigrate'];

/** The pool of the host, or where to open one. Throws TypeError for an unknown option, and without either: the package
 *  `pg` would otherwise take the database that its own variables and defaults name. */
export function databaseOf(options: PostgresDeliveryLogOptions): PostgresPool | string {
  const what = 'PostgresDeliveryLog';
  checkOptionNames(what, options, OPTIONS);
  const { pool, connectionString } = options as { readonly pool?: PostgresPool; readonly connectionString?: unknown };
  const fix = 'pass connectionString, such as postgres://user@host:5432/database, or pool, a Pool of the package pg';
  if (pool !== undefined) {
    checkMethod(what, pool, 'connect', fix);
    return pool;
  }
  if (typeof connectionString === 'string' && connectionString !== '') return connectionString;
  throw new TypeError(`${what}: ${fix}`);
}

/** Which migrations a schema has. Times are ISO 8601. */
export type PostgresSchemaStatus = {
  readonly applied: readonly { readonly name: string; readonly at: string }[];
  readonly pending: readonly string[];
  /** Migrations of a newer version of this package. Older versions go on working. */
  readonly unknown: readonly string[];
};

/** Options and results of `PostgresDeliveryLog`. They name no type of `pg` or `kysely`, which a host may not have. */

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

/** Which migrations a schema has. Times are ISO 8601. */
export type PostgresSchemaStatus = {
  readonly applied: readonly { readonly name: string; readonly at: string }[];
  readonly pending: readonly string[];
  /** Migrations of a newer version of this package. Older versions go on working. */
  readonly unknown: readonly string[];
};

/** What a host hands to `PostgresDeliveryLog` and gets from it. No type of `pg` or `kysely`: a host may have neither. */

/** What the log uses of a `Pool` of the package `pg`. */
export type PostgresPool = {
  connect(): Promise<PostgresClient>;
  end(): Promise<void>;
};

/** What the log uses of a pool's client. */
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
      /** The host's `Pool` of the package `pg`. The log never ends it; give it an `error` listener, as every pool needs. */
      readonly pool: PostgresPool;
    }
  | {
      /** `postgres://user:password@host:5432/database`; the log opens a pool of up to 10 connections, `close()` ends it. */
      readonly connectionString: string;
    }
) & {
  /** Default `topcalls_webhooks`. */
  readonly schema?: string;
  /** Brings the schema up to date before the first query, and tries again while that fails. Default false: run
   *  `topcalls-webhooks db migrate`, or `migrate()`, before the first delivery ends. */
  readonly autoMigrate?: boolean;
};

/** How a schema stands. Times are ISO 8601. */
export type PostgresSchemaStatus = {
  readonly applied: readonly { readonly name: string; readonly at: string }[];
  readonly pending: readonly string[];
  /** Applied by a newer version of this package. Older versions go on working with what they know. */
  readonly unknown: readonly string[];
};

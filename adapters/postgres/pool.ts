/** Pools: one of our own, and any pool as Kysely uses it. */
import type * as Kysely from 'kysely';
import { given } from '../../contract/given.ts';
import { asLogError, PostgresDeliveryLogError } from './error.ts';
import type { PostgresPool } from './options.ts';
import { loadPg } from './packages.ts';
import type { LoadPackage } from './packages.ts';

type KyselyPool = Kysely.PostgresPool;

// Below the 20 s that recordDelivery gives a log, so that its failure says what was wrong and not only "took too long".
const CONNECT_TIMEOUT_MS = 5_000;

/** Opens a pool of our own; whoever opens it ends it. Throws PostgresDeliveryLogError. */
export function openPool(connectionString: string, load?: LoadPackage): PostgresPool {
  const { Client, Pool } = loadPg(load);
  try {
    // A pool reads the text only when it connects; a client reads it here, and is not used further.
    void new Client({ connectionString });
    const pool = new Pool({
      connectionString,
      max: 10,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'topcalls-webhooks',
    });
    // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
    pool.on('error', ignore);
    return pool;
  } catch {
    // Its own error holds the whole text, password included.
    throw new PostgresDeliveryLogError('postgres_configuration', {
      problem: 'the connection string cannot be read; it looks like postgres://user:password@host:5432/database',
    });
  }
}

/**
 * A pool for Kysely. `queryTimeoutMs`: how long one query may take, else without limit. A connection on which a query ran
 * into that limit, or broke, is thrown away: the server may have vanished, and every later query would wait behind the
 * one that never ends.
 */
export function poolForKysely(pool: PostgresPool, queryTimeoutMs?: number): KyselyPool {
  const timeout = given({ query_timeout: queryTimeoutMs });
  return {
    connect: async () => {
      const client = await pool.connect().catch(throwLogError);
      let broken = false;
      // A connection that breaks rejects its query and then emits `error` as well. The pool listens only while a client is
      // idle; with no listener at all that event would end the process.
      client.on('error', ignore);
      const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
        try {
          return await client.query({ text, values: [...values], ...timeout });
        } catch (cause) {
          const error = asLogError(cause);
          broken ||= error.sqlState === undefined;
          throw error;
        }
      };
      const release = (): void => {
        client.release(broken);
        // A broken one may still emit, and is gone anyway.
        if (!broken) client.removeListener('error', ignore);
      };
      return { query, release } as Awaited<ReturnType<KyselyPool['connect']>>;
    },
    end: () => pool.end(),
  };
}

function ignore(): void {}

function throwLogError(cause: unknown): never {
  throw asLogError(cause);
}

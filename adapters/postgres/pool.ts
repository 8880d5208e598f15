/** Pools: one of our own, and any pool as Kysely uses it. */
import type * as Kysely from 'kysely';
import { given } from '../../contract/given.ts';
import { asLogError, PostgresDeliveryLogError } from './error.ts';
import type { PostgresPool } from './options.ts';
import { loadPg } from './packages.ts';
import type { LoadPackage } from './packages.ts';

type KyselyPool = Kysely.PostgresPool;

// Below the 20 s that the activity recordDelivery waits, so that the failure says what was wrong, not just "too long".
const CONNECT_TIMEOUT_MS = 5_000;

/** Opens a pool. The caller ends it. Throws PostgresDeliveryLogError. */
export function openPool(connectionString: string, load?: LoadPackage): PostgresPool {
  const { Client, Pool } = loadPg(load);
  try {
    // A pool parses the text only when it connects. This client parses it now; it is not used further.
    void new Client({ connectionString });
    const pool = new Pool({
      connectionString,
      max: 10,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'topcalls-webhooks',
    });
    // The next query replaces an idle connection that breaks. Without a listener the event would end the process.
    pool.on('error', ignore);
    return pool;
  } catch {
    // The error of pg is not kept as the cause: it holds the whole text, with the password.
    throw new PostgresDeliveryLogError('postgres_configuration', {
      problem: 'the connection string cannot be read; it looks like postgres://user:password@host:5432/database',
    });
  }
}

/**
 * Makes a pool for Kysely. `queryTimeoutMs`: how long one query may take; without it there is no limit. A connection
 * whose query ran into that limit, or broke, is not used again. Its server may have vanished, and every later query
 * would wait behind the one that never ends.
 */
export function poolForKysely(pool: PostgresPool, queryTimeoutMs?: number): KyselyPool {
  const timeout = given({ query_timeout: queryTimeoutMs });
  return {
    connect: async () => {
      const client = await pool.connect().catch(throwLogError);
      let broken = false;
      // A connection that breaks rejects its query and also emits `error`. The pool listens only while a client is
      // idle, and without any listener that event would end the process.
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
        // The listener stays on a broken connection, which may still emit.
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

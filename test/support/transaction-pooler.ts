/**
 * A pooler in transaction mode, such as PgBouncer, in this process. Statements of one client run in any free session,
 * and only a transaction stays in its session. What a session keeps (a lock, a setting) is then left to strangers.
 * test/system/pooler tries the real PgBouncer.
 */
import { Client } from 'pg';
import type { PostgresClient, PostgresPool } from '../../adapters/index.ts';

/** A pool behind such a pooler, with `sessions` sessions of the server. */
export async function transactionPooler(
  url: string,
  sessions: number,
): Promise<{ readonly pool: PostgresPool; close(): Promise<void> }> {
  const all = await Promise.all(
    Array.from({ length: sessions }, async () => {
      const session = new Client({ connectionString: url });
      await session.connect();
      return session;
    }),
  );
  const free = [...all];
  const waiting: ((session: Client) => void)[] = [];
  const take = (): Promise<Client> => {
    const session = free.shift();
    return session === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(session);
  };
  const giveBack = (session: Client): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(session);
    else next(session);
  };

  const connect = async (): Promise<PostgresClient> => {
    let own: Client | undefined;
    return {
      query: async (query) => {
        const session = own ?? (await take());
        if (/^(begin|start transaction)/i.test(query.text)) own = session;
        const ends = /^(commit|rollback)/i.test(query.text);
        try {
          return await session.query(query);
        } finally {
          if (ends) own = undefined;
          if (own === undefined) giveBack(session);
        }
      },
      on: () => undefined,
      removeListener: () => undefined,
      release: () => undefined,
    };
  };
  const close = async (): Promise<void> => {
    await Promise.all(all.map((session) => session.end()));
  };
  return { pool: { connect, end: close }, close };
}

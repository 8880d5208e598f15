/** Notes the queries of a delivery log, and asks PostgreSQL which indexes serve one. */
import type { Pool } from 'pg';
import type { PostgresPool } from '../../adapters/index.ts';

/** A query as it was sent. */
export type NotedQuery = { readonly text: string; readonly values: unknown[] };

type Plan = { readonly 'Node Type': string; readonly 'Index Name'?: string; readonly Plans?: readonly Plan[] };

/** The pool, for a delivery log. Each query is added to `noted`. */
export function notingPool(pool: Pool, noted: NotedQuery[]): PostgresPool {
  return {
    connect: async () => {
      const client = await pool.connect();
      return {
        query: (query) => {
          noted.push({ text: query.text, values: query.values });
          return client.query(query);
        },
        on: client.on.bind(client),
        removeListener: client.removeListener.bind(client),
        release: (destroy) => client.release(destroy),
      };
    },
    end: async () => {},
  };
}

/** Indexes that the plan of the query uses; a sequential scan is named as one. */
export async function scansOf(pool: Pool, query: NotedQuery | undefined): Promise<string[]> {
  const { rows } = await pool.query(`explain (format json) ${query?.text}`, query?.values);
  const scans = (plan: Plan): string[] => [
    ...(plan['Node Type'].includes('Scan') ? [plan['Index Name'] ?? plan['Node Type']] : []),
    ...(plan.Plans ?? []).flatMap(scans),
  ];
  const all = scans(rows[0]['QUERY PLAN'][0].Plan).filter((name) => !/^(Bitmap Heap|Subquery) Scan$/.test(name));
  return [...new Set(all)];
}

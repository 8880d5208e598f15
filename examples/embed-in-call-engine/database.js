/** PostgreSQL: the pool, the tables, and the transaction that the outbox is built on. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';

/** Opens a pool. @param {string} url @returns {pg.Pool} */
export function openPool(url) {
  const pool = new pg.Pool({ connectionString: url });
  // Without a listener an idle connection that breaks ends the process. The next query opens a new one.
  pool.on('error', (error) => console.error(`database: ${error.message}`));
  return pool;
}

/** Creates missing tables. Engines that start together wait for each other. @param {pg.Pool} pool */
export async function createTables(pool) {
  const schema = await readFile(new URL('schema.sql', import.meta.url), 'utf8');
  await transaction(pool, async (db) => {
    await db.query("select pg_advisory_xact_lock(hashtext('call-engine schema'))");
    await db.query(schema);
  });
}

/**
 * Runs `work` in one transaction: all of it is stored, or nothing.
 * @template T
 * @param {pg.Pool} pool
 * @param {(db: pg.PoolClient) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function transaction(pool, work) {
  const db = await pool.connect();
  // A broken connection emits an event, which without a listener ends the process. The next query reports it anyway.
  const ignore = () => {};
  db.on('error', ignore);
  /** @type {Error | undefined} */
  let broken;
  try {
    await db.query('begin');
    const result = await work(db);
    await db.query('commit');
    return result;
  } catch (error) {
    await db.query('rollback').catch((reason) => (broken = reason));
    throw error;
  } finally {
    db.off('error', ignore);
    db.release(broken);
  }
}

/** `npm run pooler`: migrations through a real PgBouncer in transaction mode, many at once. See the README beside it. */
import assert from 'node:assert/strict';
import { sampleRecord } from '../../../adapters/conformance/sample-records.ts';
import { PostgresDeliveryLog } from '../../../adapters/index.ts';
import { startPostgres } from '../../support/postgres.ts';
import { startPgBouncer } from './pgbouncer.ts';

const ROUNDS = 10;
const WORKERS = 8;

async function main(): Promise<void> {
  const server = await startPostgres();
  const pooler = await startPgBouncer(server.port).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  try {
    for (let round = 1; round <= ROUNDS; round += 1) await race(pooler.url, `round_${round}`);
    const { rows } = await server.pool.query(`select pid, mode from pg_locks where locktype = 'advisory'`);
    assert.deepEqual(rows, [], 'no session keeps a lock');
    console.log(`${ROUNDS} rounds of ${WORKERS} migrations at once: one schema each, no lock left`);
  } finally {
    await pooler.stop();
    await server.close();
  }
}

async function race(connectionString: string, schema: string): Promise<void> {
  const workers = Array.from({ length: WORKERS }, () => new PostgresDeliveryLog({ connectionString, schema }));
  try {
    const applied = await Promise.all(workers.map((worker) => worker.migrate()));
    assert.equal(applied.filter((names) => names.length > 0).length, 1, 'one worker migrates');
    await Promise.all(workers.map((worker) => worker.record(sampleRecord())));
    assert.equal((await workers[0]?.list())?.records.length, WORKERS, 'every worker records');
    assert.deepEqual((await workers[0]?.schemaStatus())?.pending, []);
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

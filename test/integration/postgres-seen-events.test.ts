/** The store of seen events in PostgreSQL: the suite, receivers in two processes, a crash between claim and done. */
import { spawn, type ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { seenEventsConformance } from '../../adapters/conformance/index.ts';
import { PostgresSeenEvents } from '../../receiver/index.ts';
import { signatureHeaders } from '../../signature/sign.ts';
import { SECRET } from '../support/builders.ts';
import { builtPackage } from '../support/packed-package.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';

let server: TestPostgres;
let built: string;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  [server, built] = await Promise.all([startPostgres(), builtPackage()]);
  await new PostgresSeenEvents({ pool: server.pool }).createTable();
});
afterAll(async () => {
  for (const child of processes) child.kill('SIGKILL');
  await server?.close();
});

describe('conformance', () => {
  const cases = seenEventsConformance(() => new PostgresSeenEvents({ pool: server.pool }));
  test.each(cases)('$name', ({ run }) => run());
});

test('ten processes may make the table at once, and again', async () => {
  const pools = Array.from({ length: 10 }, () => new Pool({ connectionString: server.url, max: 1 }));
  const stores = pools.map((pool) => new PostgresSeenEvents({ pool, table: 'public.Seen_race' }));
  await Promise.all(stores.map((store) => store.createTable()));
  await stores[0]?.createTable();
  expect(await stores[0]?.claim('1', 'a', 600_000)).toBe('claimed');
  expect(await stores[9]?.claim('1', 'b', 600_000)).toBe('busy');
  await Promise.all(pools.map((pool) => pool.end()));
});

test('the table cleans itself: what expired goes, twenty rows with each event that is done', async () => {
  const store = new PostgresSeenEvents({ pool: server.pool, table: 'seen_pruned' });
  await store.createTable();
  await server.pool.query(`insert into seen_pruned
    select 'old-' || n, 'a', true, now() - interval '2 hours' from generate_series(1, 50) n
    union all select 'fresh', 'a', true, now() + interval '1 hour'`);
  const left = async (): Promise<unknown> =>
    (await server.pool.query(`select count(*)::int as rows from seen_pruned where id <> 'fresh'`)).rows[0];
  await store.done('new-1', 'b');
  expect(await left()).toEqual({ rows: 31 });
  await store.done('new-2', 'b');
  await store.done('new-3', 'b');
  expect(await left()).toEqual({ rows: 3 });
  expect(await store.claim('fresh', 'b', 1_000)).toBe('done');
});

test('a mark that has expired is forgotten', async () => {
  const store = new PostgresSeenEvents({ pool: server.pool, ttlMs: 100 });
  await store.done('expires', 'a');
  await waitFor('the mark to end', async () => (await store.claim('expires', 'b', 1_000)) === 'claimed');
});

test.each(['', 'a b', 'a"b', 'a.b.c', '1a', 'seen; drop table x'])('a table named %j is refused', (table) => {
  expect(() => new PostgresSeenEvents({ pool: server.pool, table })).toThrow(RangeError);
});

/** A receiver in its own process. Its handler notes each run in the database, and hangs for events that say so. */
const RECEIVER = `
const http = require('node:http');
const { Pool } = require('pg');
const { nodeHandler, PostgresSeenEvents, receive } = require('@topcalls/webhooks/receiver');
const pool = new Pool({ connectionString: process.env.DATABASE_URL, application_name: process.env.NAME });
const receiver = receive({
  secret: process.env.WEBHOOK_SECRET,
  seen: new PostgresSeenEvents({ pool }),
  claimMs: Number(process.env.CLAIM_MS),
  on: async (event, { id }) => {
    await pool.query('insert into handled values ($1, $2)', [id, process.pid]);
    if (event.call_id === 'hangs-in-' + process.env.NAME) await new Promise(() => {});
  },
});
const server = http.createServer(nodeHandler(receiver)).listen(0, '127.0.0.1', () => {
  process.send({ port: server.address().port });
});
process.on('disconnect', () => process.exit(0));
`;

async function startReceiverProcess(
  name: string,
  claimMs: number,
): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, ['-e', RECEIVER], {
    cwd: built,
    env: { ...process.env, DATABASE_URL: server.url, WEBHOOK_SECRET: SECRET, NAME: name, CLAIM_MS: String(claimMs) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  processes.push(child);
  const { port } = await new Promise<{ port: number }>((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error('the receiver ended')));
  });
  return { url: `http://127.0.0.1:${port}/`, child };
}

/** Posts a signed event under `id`; gives the code of the answer. */
async function deliver(url: string, id: string, callId = 'call-1'): Promise<string> {
  const body = JSON.stringify({ call_id: callId, status: 'completed', event: 'call.completed' });
  const timestampSeconds = Math.floor(Date.now() / 1_000);
  const { headers } = signatureHeaders({ webhookId: id, timestampSeconds, body, secrets: { current: SECRET } });
  const response = await fetch(url, { method: 'POST', body, headers });
  return ((await response.json()) as { code: string }).code;
}

describe('receivers in two processes', () => {
  beforeAll(async () => {
    await server.pool.query('create table handled (id text, pid integer)');
  });
  const handledBy = async (id: string): Promise<readonly unknown[]> =>
    (await server.pool.query('select pid from handled where id = $1', [id])).rows;

  test('handle each of 100 webhooks once, though each comes to both of them twice at once', async () => {
    // Claims longer than any wait for the lock. An event whose claim has ended would rightly be handled again.
    const [a, b] = await Promise.all([startReceiverProcess('a', 50_000), startReceiverProcess('b', 50_000)]);
    const ids = Array.from({ length: 100 }, (_, index) => `msg_race-${index}`);
    // The table stays locked until claims of both processes wait for it. So they really race for the same ids.
    const gate = await server.pool.connect();
    await gate.query('begin; lock table topcalls_webhooks_seen');
    const answers = Promise.all(ids.flatMap((id) => [a.url, b.url, a.url, b.url].map((url) => deliver(url, id))));
    await waitFor('claims of both processes', async () => {
      const { rows } = await server.pool.query(
        `select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name in ('a', 'b')
           group by application_name having count(*) >= 5`,
      );
      return rows.length === 2;
    });
    await gate.query('commit');
    gate.release();
    const codes = await answers;
    expect(codes.filter((code) => code === 'handled')).toHaveLength(100);
    expect(codes.filter((code) => !['handled', 'duplicate', 'in_progress'].includes(code))).toEqual([]);
    const { rows } = await server.pool.query(
      `select count(*)::int as runs, count(distinct id)::int as ids from handled where id like 'msg_race-%'`,
    );
    expect(rows).toEqual([{ runs: 100, ids: 100 }]);
    expect(await Promise.all(ids.map((id) => deliver(b.url, id)))).toEqual(ids.map(() => 'duplicate'));
  });

  test('a process killed between claim and done holds its webhook for claimMs; then the other one handles it', async () => {
    // The claim is extended every 1.3 s, so two thirds of it are left when the machine stalls.
    const [a, b] = await Promise.all([startReceiverProcess('a', 4_000), startReceiverProcess('b', 4_000)]);
    const id = 'msg_crash';
    const cut = deliver(a.url, id, 'hangs-in-a').catch(() => 'cut off');
    await waitFor('the handler', async () => (await handledBy(id)).length === 1);
    expect(await deliver(b.url, id, 'hangs-in-a')).toBe('in_progress');
    a.child.kill('SIGKILL');
    expect(await cut).toBe('cut off');
    await waitFor('the claim to end', async () => (await deliver(b.url, id, 'hangs-in-a')) === 'handled');
    expect(await handledBy(id)).toEqual([{ pid: a.child.pid }, { pid: b.child.pid }]);
    expect(await deliver(b.url, id, 'hangs-in-a')).toBe('duplicate');
  });
});

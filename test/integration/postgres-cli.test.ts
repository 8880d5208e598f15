/** `topcalls-webhooks db …` on a real PostgreSQL: what each command prints where, and how it ends. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CommanderError } from 'commander';
import { pino } from 'pino';
import { sampleAttempts, sampleRecord } from '../../adapters/conformance/sample-records.ts';
import { PostgresDeliveryLog } from '../../adapters/index.ts';
import { endpointIdOf } from '../../client/delivery-ids.ts';
import type { DeliveryRecord } from '../../contract/schemas/delivery-record.ts';
import { dbCommand } from '../../cli/commands/db/command.ts';
import { freePort } from '../../temporal-server/ports.ts';
import { openWorkerLog } from '../../cli/worker/delivery-log.ts';
import { DRIVES_A_SCREEN, HOSTILE_TEXTS } from '../support/hostile-text.ts';
import { recordingTerminal } from '../support/in-process-cli.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

let server: TestPostgres;
let out: string[] = [];
let err: string[] = [];

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());
beforeEach(() => {
  out = [];
  err = [];
});

/** Runs `db` with these arguments; resolves with its exit code. */
async function db(line: string, env: NodeJS.ProcessEnv = { TOPCALLS_DATABASE_URL: server.url }): Promise<number> {
  const { terminal, ...written } = recordingTerminal(env);
  ({ out, err } = written);
  let exitCode = -1;
  const command = dbCommand(terminal, (code) => {
    exitCode = code;
  });
  for (const each of [command, ...command.commands]) each.configureOutput({ writeErr: (text) => void err.push(text) });
  await command.exitOverride().parseAsync(line.split(' '), { from: 'user' });
  return exitCode;
}

test('plan needs no database, and what it prints makes the schema', async () => {
  expect(await db('plan --schema planned', {})).toBe(0);
  expect(err.join()).toContain('this is the SQL for an empty one');
  const [sql = ''] = out;
  expect(sql).toContain('create table "planned"."deliveries"');
  await server.pool.query(sql);
  expect(await db('plan --schema planned')).toBe(0);
  expect(out).toEqual([]);
  expect(err.join()).toMatch(/nothing to do: 127\.0\.0\.1:\d+\/postgres, schema planned is up to date/);
});

test('status and migrate say what is pending and what was applied, and no password', async () => {
  const env = { TOPCALLS_DATABASE_URL: server.url.replace(':any@', ':hunter2@'), TOPCALLS_DATABASE_SCHEMA: 'mine' };
  expect(await db('status', env)).toBe(0);
  expect(out.join()).toMatch(/0001_deliveries +│ pending/);
  expect(err.join()).toContain('5 pending; run topcalls-webhooks db migrate');
  expect(await db('plan', env)).toBe(0);
  expect(err.join()).toContain('nothing was changed');
  expect(await db('migrate', env)).toBe(0);
  expect(err.join()).toMatch(
    /^applied 0001_deliveries, 0002_run_in_key, 0003_who_asked, 0004_reports, 0005_recorded_at to 127\.0\.0\.1:\d+\/postgres, schema mine$/,
  );
  expect(await db('migrate --json', env)).toBe(0);
  expect(JSON.parse(out.join())).toEqual({ applied: [] });
  expect(await db('status --json', env)).toBe(0);
  expect(JSON.parse(out.join())).toMatchObject({
    applied: [
      { name: '0001_deliveries' },
      { name: '0002_run_in_key' },
      { name: '0003_who_asked' },
      { name: '0004_reports' },
      { name: '0005_recorded_at' },
    ],
    pending: [],
    unknown: [],
  });
  expect([...out, ...err].join()).not.toContain('hunter2');
});

test('show tells two runs of one cycle apart, and who ended each', async () => {
  const env = { TOPCALLS_DATABASE_URL: server.url, TOPCALLS_DATABASE_SCHEMA: 'runs' };
  await db('migrate', env);
  const log = new PostgresDeliveryLog({ connectionString: server.url, schema: 'runs' });
  const { repaired: _none, cancelReason: _1, cancelledBy: _2, ...first } = sampleRecord({ state: 'terminated' });
  const {
    terminateReason: _3,
    terminatedBy: _4,
    ...again
  } = sampleRecord({ ...first, runId: 'run-2', state: 'cancelled' });
  const second = { ...again, cycle: 2 };
  for (const record of [first, again, second])
    await log.record({ ...record, endedAt: `2025-12-22T11:0${record.cycle}:00.000Z` });
  await log.close();
  expect(await db(`show ${first.webhookId}`, env)).toBe(0);
  const shown = out.join();
  expect(shown).toMatch(/cycle {4}1, run 1 of 2\nstate {4}terminated.* by admin@host: stuck\n/);
  expect(shown).toMatch(
    /cycle {4}1, run 2 of 2: the run before it was reset\nstate {4}cancelled.* by operator@host: ticket 4711\n/,
  );
  expect(shown).toMatch(/cycle {4}2\n/);
});

test('status says what each outage of the log cost: from when to when records came late, how many, how late', async () => {
  const env = { TOPCALLS_DATABASE_URL: server.url, TOPCALLS_DATABASE_SCHEMA: 'outage' };
  await db('migrate', env);
  expect(await db('status', env)).toBe(0);
  expect(err.join()).toMatch(/no record of a delivery that ended since \S+ came more than 10s late \(--late-by\)/);
  const log = new PostgresDeliveryLog({ connectionString: server.url, schema: 'outage' });
  const ends = [1, 2, 3, 4, 5, 6].map((minute) => `2026-01-31T10:0${minute}:00.000Z`);
  for (const endedAt of ends) await log.record(sampleRecord({ endedAt, state: 'delivered' }));
  // Those are reconcile's.
  await log.record(sampleRecord({ endedAt: '2026-01-31T10:07:00.000Z', state: 'terminated' }));
  await log.close();
  const recordAfter = (endedAt: string | undefined, span: string | null) =>
    server.pool.query(`update outage.deliveries set recorded_at = ended_at + $2::interval where ended_at = $1`, [
      endedAt,
      span,
    ]);
  await recordAfter(ends[0], '10 seconds');
  // The third ended before the second was recorded: one outage.
  await recordAfter(ends[1], '90.004 seconds');
  await recordAfter(ends[2], '10.001 seconds');
  // A row of before the column.
  await recordAfter(ends[3], null);
  // An outage of 20 s, with one record in it.
  await recordAfter(ends[4], '20 seconds');
  await recordAfter(ends[5], '0 seconds');
  const since = '2026-01-31T00:00:00.000Z';
  const shortAt = '2026-01-31T10:05:20.000Z';
  const short = { firstEndedAt: ends[4], firstRecordedAt: shortAt, lastRecordedAt: shortAt, maxMs: 20_000 };
  const longAt = { firstRecordedAt: '2026-01-31T10:03:10.001Z', lastRecordedAt: '2026-01-31T10:03:30.004Z' };
  const long = { deliveries: 2, firstEndedAt: ends[1], ...longAt, maxMs: 90_004 };
  expect(await db('status --since 2026-01-31T00:00Z --json', env)).toBe(0);
  expect(JSON.parse(out.join()).recordedLate).toEqual({
    since,
    lateByMs: 10_000,
    deliveries: 3,
    firstEndedAt: ends[1],
    firstRecordedAt: long.firstRecordedAt,
    lastRecordedAt: shortAt,
    maxMs: 90_004,
    spans: [{ deliveries: 1, ...short }, long],
  });
  expect(await db('status --since 2026-01-31T00:00Z', env)).toBe(0);
  expect(err.slice(1)).toEqual([
    `3 records of deliveries that ended since ${since} came more than 10s late. The log was away, or slow, for a part of:`,
    '  2026-01-31T10:05:00Z (the first of them ended) to 2026-01-31T10:05:20Z (its record came): 1 late, the longest by 20.0 s',
    '  2026-01-31T10:02:00Z (the first of them ended) to 2026-01-31T10:03:30Z (the last record came, the first at 2026-01-31T10:03:10Z): 2 late, the longest by 90.0 s',
    'The outage delayed or repeated no POST. Whether records lack: topcalls-webhooks doctor',
  ]);
  expect(await db('status --since 2026-01-31T00:00Z --late-by 1m --json', env)).toBe(0);
  const [first] = JSON.parse(out.join()).recordedLate.spans;
  expect(first).toEqual({ ...long, deliveries: 1, firstRecordedAt: longAt.lastRecordedAt });
  expect(await db('status --since 2026-01-31T10:05:30Z', env)).toBe(0);
  expect(err[1]).toMatch(/^no record/);
});

test('list, show and prune read and forget what was recorded', async () => {
  await db('migrate');
  const log = new PostgresDeliveryLog({ connectionString: server.url });
  const old = sampleRecord({ endedAt: new Date(Date.now() - 100 * 86_400_000).toISOString() });
  const recent = sampleRecord({ endedAt: new Date(Date.now() - 3_600_000).toISOString() });
  for (const record of [old, recent]) await log.record(record);
  await log.close();

  expect(await db('list --state failed --since 1d --json')).toBe(0);
  expect(JSON.parse(out.join())).toEqual({ records: [recent] });
  expect(await db('list --limit 1')).toBe(0);
  expect(out.join()).toContain(recent.webhookId);
  const [, cursor = ''] = /more follow: --after (\S+)/.exec(err.join()) ?? [];
  expect(await db(`list --after ${cursor}`)).toBe(0);
  expect(out.join()).toContain(old.webhookId);
  expect(out.join()).not.toContain(recent.webhookId);

  expect(await db(`show ${old.webhookId}`)).toBe(0);
  expect(out.join()).toContain('state    failed (http_503)');
  expect(await db(`show ${old.webhookId} --json`)).toBe(0);
  expect(JSON.parse(out.join())).toEqual([old]);

  expect(await db('prune --older-than 90d --dry-run --json')).toBe(0);
  expect(JSON.parse(out.join())).toMatchObject({ records: 1, dryRun: true });
  expect(await db('prune --older-than 90d')).toBe(0);
  expect(err.join()).toMatch(/^deleted 1 record of deliveries that ended before /);
  await expect(db(`show ${old.webhookId}`)).rejects.toMatchObject({ code: 'not_found', exitCode: 1 });
  expect(await db(`show ${recent.webhookId}`)).toBe(0);
});

test('list takes several states, a reason, an account, a whole URL, and a window by the start', async () => {
  await db('migrate');
  const log = new PostgresDeliveryLog({ connectionString: server.url });
  const url = `https://crm-${randomUUID()}.example.com/hook?token=hush`;
  const endpointId = endpointIdOf(url);
  const gone = sampleRecord({ endpointId, state: 'gone', reason: 'http_410', accountId: 'acct-a' });
  const failed = sampleRecord({ endpointId, startedAt: '2025-12-01T10:00:00.000Z', accountId: 'acct-b' });
  const attempts = sampleAttempts(1).map((attempt) => ({ ...attempt, outcome: 'refused' as const }));
  const refused = sampleRecord({ endpointId, state: 'refused', reason: 'url_parse', accountId: 'acct-b', attempts });
  for (const record of [gone, failed, refused]) await log.record(record);
  await log.close();
  const listed = async (options: string): Promise<string[]> => {
    expect(await db(`list --endpoint ${url} --json ${options}`.trimEnd())).toBe(0);
    return (JSON.parse(out.join()) as { records: DeliveryRecord[] }).records.map(({ state }) => state).toSorted();
  };
  expect(await listed('')).toEqual(['failed', 'gone', 'refused']);
  expect(await listed('--state gone --state refused')).toEqual(['gone', 'refused']);
  expect(await listed('--reason url_parse')).toEqual(['refused']);
  expect(await listed('--reason http_4xx --reason url_parse')).toEqual(['gone', 'refused']);
  expect(await listed('--reason http_4xx,url_length')).toEqual(['gone']);
  expect(await listed('--account acct-b')).toEqual(['failed', 'refused']);
  expect(await listed('--started-until 2025-12-02')).toEqual(['failed']);
  expect(await listed('--account acct-b --started-since 2025-12-02')).toEqual(['refused']);

  expect(await db(`list --endpoint ${endpointId}`)).toBe(0);
  const lines = out.join('').split('\n');
  expect(lines).toContain('2025-12-22T10:34:00Z  gone (http_410)  call.completed  2 attempts');
  expect(lines).toContain('2025-12-22T10:34:00Z  refused (url_parse)  call.completed  nothing sent');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  await expect(db(`list --endpoint crm.example.com/hook?token=hush`)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.not.stringContaining('hush'),
  });
});

test('list and show print what others wrote as text, on the lines of its own record', async () => {
  await db('migrate');
  const log = new PostgresDeliveryLog({ connectionString: server.url });
  const endpointId = endpointIdOf(`https://${randomUUID()}.example.com/`);
  for (const text of HOSTILE_TEXTS) {
    const record = sampleRecord({ endpointId, host: text, callId: text, reason: text, cancelReason: text });
    await log.record(record);
    expect(await db(`show ${record.webhookId}`)).toBe(0);
    expect(out.join('').replaceAll('\n', '')).not.toMatch(DRIVES_A_SCREEN);
  }
  await log.close();
  expect(await db(`list --endpoint ${endpointId}`)).toBe(0);
  const lines = out.join('').split('\n');
  expect(lines.join('')).not.toMatch(DRIVES_A_SCREEN);
  expect(lines.filter((line) => !line.startsWith('  '))).toHaveLength(HOSTILE_TEXTS.length);
});

test('prune with a span below a day needs --yes, so that 90m for 90d deletes nothing', async () => {
  await db('migrate');
  const before = await db('list --limit 1 --json').then(() => out.join());
  await expect(db('prune --older-than 90m')).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('add --yes'),
  });
  expect(await db('list --limit 1 --json').then(() => out.join())).toBe(before);
  expect(await db('prune --older-than 90m --dry-run')).toBe(0);
  expect(await db('prune --older-than 23h --yes')).toBe(0);
});

test('without a server the exit code is 3, and the words name the place and no password', async () => {
  const port = await freePort();
  const env = { TOPCALLS_DATABASE_URL: `postgres://me:hunter2@127.0.0.1:${port}/topcalls` };
  const error: unknown = await db('status', env).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'postgres_unavailable', exitCode: 3 });
  expect(String(error)).toContain(`no answer from the server (ECONNREFUSED) (127.0.0.1:${port}/topcalls, schema`);
  expect(String(error)).not.toContain('hunter2');
});

test('no database, a URL of another kind, a cursor or limit that cannot be: exit code 2, before anything is asked', async () => {
  await expect(db('status', {})).rejects.toMatchObject({ code: 'no_database_url', exitCode: 2 });
  const odd = { TOPCALLS_DATABASE_URL: 'mysql://me:hunter2@db/topcalls' };
  const error: unknown = await db('status', odd).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'bad_database_url', exitCode: 2 });
  expect(String(error)).not.toContain('hunter2');
  await expect(db('list --limit 5000')).rejects.toMatchObject({ code: 'bad_option', exitCode: 2 });
  await expect(db('plan --schema=', {})).rejects.toMatchObject({ code: 'bad_option', exitCode: 2 });
  await expect(db('list --schema=')).rejects.toMatchObject({ code: 'bad_option', exitCode: 2 });
  await expect(db('list --after nonsense')).rejects.toMatchObject({ code: 'bad_option', exitCode: 2 });
});

test.each(['prune --older-than yesterday', 'prune', 'list --state lost', 'list --since soon', 'show', 'status --nope'])(
  '%s is a usage error that tells what is possible',
  async (line) => {
    await expect(db(line)).rejects.toBeInstanceOf(CommanderError);
    expect(err.join('')).toContain('(add --help for what is possible)');
  },
);

test('a worker whose database does not answer starts all the same, says so, and records once it does', async () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(line) });
  const connectionString = server.url.replace(':any@', ':hunter2@');
  await server.stop();
  const log = await openWorkerLog({ connectionString, schema: 'of_worker' }, logger);
  expect(JSON.parse(lines.join(''))).toMatchObject({
    level: 40,
    msg: expect.stringMatching(/^worker\.delivery_log_unav/),
  });
  await server.start();
  const record = sampleRecord();
  await log?.record(record);
  expect(await log?.show(record.webhookId)).toEqual([record]);
  await log?.close();
  const again = await openWorkerLog({ connectionString, schema: 'of_worker' }, logger);
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ level: 30, applied: [], msg: 'worker.delivery_log_ready' });
  await again?.close();
  expect(lines.join('')).not.toContain('hunter2');
});

test('a worker that may not use its database does not start', async () => {
  await server.pool.query('create role stranger login');
  const connectionString = server.url.replace('topcalls:any@', 'stranger@');
  const opening = openWorkerLog({ connectionString, schema: 'not_for_strangers' }, pino({ level: 'silent' }));
  await expect(opening).rejects.toMatchObject({ code: 'postgres_access', sqlState: '42501' });
});

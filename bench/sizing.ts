/**
 * `npm run bench:sizing`: what calls cost an installation of docker-compose.yml. It plays one without Docker, with a
 * real PostgreSQL, and ends calls. Then it reads how much processor time each part has used, and how much each part of the
 * databases has grown. It writes both into docs/production.md. Bytes are counts; of times only shares are compared.
 * `--calls N` makes it longer.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'pg';
import { WebhookClient } from '../client/index.ts';
import { aCall, aFailedCall } from '../test/support/builders.ts';
import { runScript } from '../test/support/run-script.ts';
import { playInFolder } from '../test/support/system-run.ts';
import { openInstallation } from '../test/system/topology/installation.ts';
import type { Installation } from '../test/system/topology/installation.ts';
import { childrenSeconds } from './processor-time.ts';

const PAGE = join(__dirname, '../docs/production.md');
const [BEGIN, END] = ['<!-- bench:sizing -->', '<!-- /bench:sizing -->'];
/** Fill caches, and pages of tables and of their many indexes. */
const WARM_UP = 500;
const AT_ONCE = 20;
/** Of a call's end to its POST; the settle delay is 15 s. */
const ENOUGH_MS = 600_000;

type Parts = Readonly<Record<'worker' | 'server' | 'database', number>>;
type Grown = Readonly<Record<'histories' | 'runs' | 'visibility' | 'log', number>>;
type Found = { readonly calls: number; readonly seconds: Parts; readonly bytes: Grown; readonly body: number };

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { calls: { type: 'string', default: '2000' } } });
  const calls = Number(values.calls);
  const tidy = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const found = await playInFolder({ name: 'sizing', say, tidy }, async (run) => {
    const installation = await openInstallation(run);
    say(`${WARM_UP} calls to warm up`);
    await endCalls(installation, 'warm-up', WARM_UP);
    return measured(installation, calls);
  });
  if (found === undefined) return 130;
  const text = textOf(found);
  const page = readFileSync(PAGE, 'utf8');
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < 0) throw new Error(`${PAGE} has no ${BEGIN} … ${END}`);
  writeFileSync(PAGE, `${page.slice(0, before + BEGIN.length)}\n\n${text}\n\n${page.slice(after)}`);
  console.log(text);
  return 0;
}

async function measured(installation: Installation, calls: number): Promise<Found> {
  const [bytesBefore, secondsBefore] = [await bytesOf(installation), secondsOf(installation)];
  say(`${calls} calls`);
  await endCalls(installation, 'measured', calls);
  const seconds = difference(secondsOf(installation), secondsBefore);
  const bytes = difference(await bytesOf(installation), bytesBefore);
  const { rows } = await installation.postgres.pool.query<{ readonly bytes: string }>(
    'select avg(body_bytes) as bytes from topcalls_webhooks.deliveries',
  );
  return { calls, seconds, bytes, body: Math.round(Number(rows[0]?.bytes)) };
}

/** Ends so many calls, every fourth of which has failed, and waits until all runs are closed. */
async function endCalls({ client, hook, secretRef }: Installation, name: string, count: number): Promise<void> {
  const campaign_id = `${name}-${Date.now()}`;
  const webhooks = new WebhookClient(client, { startTimeoutMs: 60_000 });
  const settings = { campaign_id, webhook_url: hook('200'), secret_ref: secretRef };
  const numbers = Array.from({ length: count }, (_, index) => index).values();
  const lane = async (): Promise<void> => {
    for (const index of numbers) {
      const change = { call_id: `${campaign_id}-${index}`, ...settings };
      await webhooks.callEnded(index % 4 === 3 ? aFailedCall(change) : aCall(change));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const query = `WebhookCampaignId = '${campaign_id}' AND ExecutionStatus = 'Completed'`;
  // Seldom: each question costs the server and its database time, which is measured here.
  for (const deadline = Date.now() + ENOUGH_MS; ; await delay(5_000)) {
    const { count: closed } = await client.workflow.count(query);
    if (closed === count) return;
    if (Date.now() > deadline) throw new Error(`${closed} of ${count} runs have closed: the machine is too busy`);
  }
}

function secondsOf({ worker }: Installation): Parts {
  const named = [...childrenSeconds()];
  const of = (isMeant: (name: string) => boolean): number =>
    named.reduce((sum, [name, seconds]) => sum + (isMeant(name) ? seconds : 0), 0);
  return {
    worker: of((name) => name.endsWith(` ${worker.child.pid}`)),
    server: of((name) => name.startsWith('temporal')),
    database: of((name) => name.startsWith('postgres')),
  };
}

/** Tables with their indexes and long values. What the server's queues leave behind is used again, so it is not
 *  counted. */
async function bytesOf({ postgres: { pool, url } }: Installation): Promise<Grown> {
  await pool.query('vacuum');
  // A vacuum is of one database.
  const visibilityPool = new Pool({ connectionString: url.replace(/[^/]*$/, 'temporal_visibility') });
  await visibilityPool.query('vacuum');
  await visibilityPool.end();
  const { rows } = await pool.query<Record<keyof Grown, string>>(`
    select
      sum(size) filter (where name in ('history_node', 'history_tree')) as histories,
      sum(size) filter (where name in ('executions', 'current_executions')) as runs,
      sum(size) filter (where schema = 'topcalls_webhooks') as log,
      pg_database_size('temporal_visibility') as visibility
    from (
      select schemaname as schema, relname as name, pg_total_relation_size(relid) as size from pg_stat_user_tables
    ) as tables`);
  const { histories, runs, visibility, log } = rows[0] ?? ({} as Record<keyof Grown, string>);
  return { histories: Number(histories), runs: Number(runs), visibility: Number(visibility), log: Number(log) };
}

function difference<T extends Readonly<Record<string, number>>>(after: T, before: T): T {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)])) as T;
}

function textOf({ calls, seconds, bytes, body }: Found): string {
  const total = seconds.worker + seconds.server + seconds.database;
  const share = (part: number): string => `${Math.round((100 * part) / total)} %`;
  const perCall = (part: number): string => `${((1_000 * part) / calls).toFixed(1)} ms`;
  const perSecond = (part: number): string => String(Math.round(calls / part));
  const growth = (part: number): string => `${(((part / calls) * 1e5) / 1e9).toFixed(2)} GB`;
  const parts = [
    ['worker', seconds.worker],
    ['Temporal server', seconds.server],
    ['PostgreSQL', seconds.database],
  ] as const;
  const grown = [
    ['histories', bytes.histories, "the namespace's retention"],
    ['runs', bytes.runs, "the namespace's retention"],
    ['visibility', bytes.visibility, "the namespace's retention"],
    ['delivery log', bytes.log, '`prune`'],
  ] as const;
  const { version: sdk } = require('@temporalio/client/package.json') as { version: string };
  return [
    `Written by \`npm run bench:sizing\`; do not edit. ${calls.toLocaleString('en-US')} calls of one endpoint each,`,
    `three in four completed, with bodies of ${body.toLocaleString('en-US')} bytes on average, all delivered at once.`,
    '',
    '| part | share of the processor time | time per call | calls per second that one core carries |',
    '|---|---|---|---|',
    ...parts.map(([name, part]) => `| ${name} | ${share(part)} | ${perCall(part)} | ${perSecond(part)} |`),
    '',
    '| what grows | per 100,000 calls | until |',
    '|---|---|---|',
    ...grown.map(([name, part, until]) => `| ${name} | ${growth(part)} | ${until} |`),
    '',
    `SDK ${sdk}; Node ${process.version}; ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}; ` +
      `${new Date().toISOString().slice(0, 10)}.`,
  ].join('\n');
}

function say(line: string): void {
  console.error(line);
}

void runScript(main);

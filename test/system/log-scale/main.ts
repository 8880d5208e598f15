/** `npm run log-scale`: the questions of the commands on a log with a million rows. See the README beside it. */
import { parseArgs } from 'node:util';
import { performance } from 'node:perf_hooks';
import { PostgresDeliveryLog } from '../../../adapters/index.ts';
import { percentile } from '../../../adapters/delivery-groups.ts';
import { notingPool, scansOf, type NotedQuery } from '../../support/noted-queries.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';

const { rows: rowsText } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } }).values;
const ROWS = Number(rowsText);
const ENDPOINTS = 2_000;
const ACCOUNTS = 500;
const TIMES = 200;
const DAY_MS = 86_400_000;
/** The limit for one page, ms. */
const PAGE_MS = 50;

type Question = {
  readonly name: string;
  readonly index: RegExp;
  readonly isPage: boolean;
  readonly ask: (log: PostgresDeliveryLog, n: number) => Promise<unknown>;
};

const daysAgo = (days: number): string => new Date(Date.now() - DAY_MS * days).toISOString();
const page = (name: string, index: RegExp, filter: (n: number) => object): Question => ({
  name,
  index,
  isPage: true,
  ask: (log, n) => log.list(filter(n)),
});
const count = (name: string, index: RegExp, query: (n: number) => object): Question => ({
  name,
  index,
  isPage: false,
  ask: (log, n) => log.stats(query(n)),
});

const account = (n: number): string => `acct-${n % ACCOUNTS}`;
const endpoint = (n: number): string => `ep_${n % ENDPOINTS}`;
const QUESTIONS: readonly Question[] = [
  page('list of one account', /by_account$/, (n) => ({ accountId: account(n) })),
  page('list of one account, a day', /by_account$/, (n) => ({ accountId: account(n), since: daysAgo(1) })),
  page('list of one account, a week 40 days ago', /by_account$/, (n) => ({
    accountId: account(n),
    since: daysAgo(47),
    until: daysAgo(40),
  })),
  page('list of one account, failed only', /by_(account|state)$/, (n) => ({ accountId: account(n), state: 'failed' })),
  page('list of an account that was busy long ago', /by_account$/, () => ({ accountId: 'acct-old' })),
  page('list of one endpoint', /by_endpoint$/, (n) => ({ endpointId: endpoint(n) })),
  page('list of one endpoint, a day', /by_endpoint$/, (n) => ({ endpointId: endpoint(n), since: daysAgo(1) })),
  page('list of one campaign', /by_campaign$/, (n) => ({ campaignId: `camp-${n}` })),
  page('list of one call', /by_call$/, (n) => ({ callId: `call-${n * 17}` })),
  page('list of what failed in a day', /by_state$/, () => ({ state: 'failed', since: daysAgo(1) })),
  page('list of everything', /by_end$/, () => ({})),
  count('stats of one account, a week', /by_account$/, (n) => ({ accountId: account(n), since: daysAgo(7) })),
  count('stats of one endpoint, a week', /by_endpoint$/, (n) => ({ endpointId: endpoint(n), since: daysAgo(7) })),
  count('stats by hour, a day', /by_end$/, () => ({ by: 'hour', since: daysAgo(1) })),
  count('stats by reason, a day', /by_end$/, () => ({ by: 'reason', since: daysAgo(1) })),
  count('stats by endpoint, a day', /by_end$/, () => ({ by: 'endpoint', since: daysAgo(1) })),
  count('stats by account, a week', /by_end$/, () => ({ by: 'account', since: daysAgo(7) })),
];

async function main(): Promise<void> {
  const server = await startPostgres();
  const asked: NotedQuery[] = [];
  const log = new PostgresDeliveryLog({ pool: notingPool(server.pool, asked) });
  try {
    await log.migrate();
    await fill(server);
    const reference = await p95Of((n) => log.show(`msg_${n * 31}`));
    console.log(`${ROWS} rows; reference, one webhook by primary key: p95 ${reference.toFixed(1)} ms`);
    let bad = 0;
    for (const { name, index, isPage, ask } of QUESTIONS) {
      asked.length = 0;
      await ask(log, 1);
      const scans = await scansOf(server.pool, asked[0]);
      const ms = await p95Of((n) => ask(log, n), isPage ? TIMES : 20);
      const isBad = !scans.every((scan) => index.test(scan)) || (isPage && ms > PAGE_MS);
      if (isBad) bad += 1;
      const times = `${(ms / reference).toFixed(1)} times the reference`;
      console.log(`${isBad ? 'BAD ' : 'ok  '} ${name}: p95 ${ms.toFixed(1)} ms, ${times}; ${scans.join(', ')}`);
    }
    process.exitCode = bad === 0 ? 0 : 1;
  } finally {
    await server.close();
  }
}

/** One call in 50 failed after five attempts. One row in 20 is of the account that was busy long ago. */
async function fill({ pool }: TestPostgres): Promise<void> {
  const attempt = `jsonb_build_object('number', 1, 'trigger', 'schedule', 'startedAt', '2026-06-01T12:00:15.000Z',
    'durationMs', 120, 'outcome', 'http', 'status', 503, 'code', 'http_503')`;
  await pool.query(`
    insert into topcalls_webhooks.deliveries (webhook_id, cycle, endpoint_id, host, workflow_id, run_id, event, call_id,
      campaign_id, account_id, state, reason, attempts, body_bytes, body_sha256, started_at, ended_at, promised_at,
      lateness_ms)
    select 'msg_' || n, 1, 'ep_' || n % ${ENDPOINTS}, 'crm' || n % ${ENDPOINTS} || '.example.com',
      'call-webhook/call-' || n, gen_random_uuid()::text, 'call.completed', 'call-' || n, 'camp-' || n % 1000,
      case when n > ${ROWS} * 0.7 and n % 6 = 0 then 'acct-old' else 'acct-' || n % ${ACCOUNTS} end,
      case when n % 50 = 0 then 'failed' else 'delivered' end, case when n % 50 = 0 then 'http_503' end,
      case when n % 50 = 0 then jsonb_build_array(${Array.from({ length: 5 }, () => attempt).join(', ')})
        else jsonb_build_array(${attempt}) end,
      12345, md5(n::text) || md5(n::text), ended - interval '20 seconds', ended, ended - interval '5 seconds', n % 3000
    from (select n, now() - n * interval '${(60 * 86_400) / ROWS} seconds' as ended
      from generate_series(1, ${ROWS}) n) as rows`);
  await pool.query('vacuum analyze topcalls_webhooks.deliveries');
}

async function p95Of(ask: (n: number) => Promise<unknown>, times = TIMES): Promise<number> {
  const took: number[] = [];
  for (let n = 1; n <= times; n += 1) {
    const from = performance.now();
    await ask(n);
    took.push(performance.now() - from);
  }
  return percentile(
    took.toSorted((a, b) => a - b),
    0.95,
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

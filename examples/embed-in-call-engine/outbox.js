/**
 * The outbox. The transaction that ends a call also writes a row here, and a loop reports the rows to Temporal. So
 * neither a crash of the engine nor an absent Temporal loses a webhook. If the engine dies before it marks a row as
 * done, the report is made twice. The second one starts nothing, because the workflow id comes from the call id.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { transaction } from './database.js';

/**
 * @typedef {import('@topcalls/webhooks/client').WebhookClient} WebhookClient
 * @typedef {{ kind: 'call_ended', callId: string, report: import('@topcalls/webhooks/client').CallEnded }
 *   | { kind: 'campaign_event', report: import('@topcalls/webhooks/client').CampaignEvent }} Report
 * @typedef {{ outcome: string | null, problem: string | null, tries: number }} OutboxRow
 */

/** Rows per round, reported side by side. */
const BATCH = 20;
/** Rest between rounds; `wake` ends it. The loop finds rows of other engine processes after this time at the latest. */
const POLL_MS = 1_000;

/** Adds a report, in the transaction that `db` has open. @param {import('pg').PoolClient} db @param {Report} report */
export async function addToOutbox(db, report) {
  const callId = report.kind === 'call_ended' ? report.callId : null;
  const text = JSON.stringify(report.report);
  await db.query('insert into webhook_outbox (call_id, kind, report) values ($1, $2, $3)', [callId, report.kind, text]);
}

/** The outbox row of a call; undefined for a call that has not ended.
 *  @param {import('pg').Pool} pool @param {string} callId @returns {Promise<OutboxRow | undefined>} */
export async function outboxRowOf(pool, callId) {
  const { rows } = await pool.query('select outcome, problem, tries from webhook_outbox where call_id = $1', [callId]);
  return rows[0];
}

/** Takes a call's report back, if it is not made yet. Returns whether it was in time. Waits for a round that has the row.
 *  @param {import('pg').Pool} pool @param {string} callId @returns {Promise<boolean>} */
export async function takeBack(pool, callId) {
  const { rowCount } = await pool.query(
    "update webhook_outbox set outcome = 'cancelled' where call_id = $1 and outcome is null",
    [callId],
  );
  return rowCount === 1;
}

/**
 * Starts the loop. Any number of engine processes may run one. Call `wake` after a commit: the report then goes at
 * once.
 * @param {{ pool: import('pg').Pool, webhooks: WebhookClient }} parts
 * @returns {{ wake(): void, stop(): Promise<void> }}
 */
export function startOutbox({ pool, webhooks }) {
  const stopping = new AbortController();
  let wake = () => {};
  const loop = async () => {
    while (!stopping.signal.aborted) {
      // Made before the round, so that a commit during the round wakes the next one.
      const woken = new Promise((resolve) => (wake = () => resolve(undefined)));
      const isFull = await sendRound(pool, webhooks).catch((error) => {
        // The database is down: the rows are still there when it is back.
        console.error(`outbox: ${error.message}; next round in ${POLL_MS} ms`);
        return false;
      });
      if (!isFull) await Promise.race([woken, delay(POLL_MS)]);
    }
  };
  const running = loop();
  return {
    wake: () => wake(),
    stop: async () => {
      stopping.abort();
      wake();
      await running;
    },
  };
}

/**
 * Reports the rows that are due and marks them as done; returns whether more may be due. Row locks keep other processes
 * from reporting the same rows meanwhile. A lock ends with its connection, so a killed process leaves no row claimed.
 * @param {import('pg').Pool} pool @param {WebhookClient} webhooks @returns {Promise<boolean>}
 */
function sendRound(pool, webhooks) {
  return transaction(pool, async (db) => {
    // For a machine that vanishes without closing its connections. A round takes about startTimeoutMs at most, 5 s.
    await db.query("set local idle_in_transaction_session_timeout = '30s'");
    const { rows } = await db.query(
      `select id, kind, report, tries from webhook_outbox where outcome is null and next_try_at <= now()
       order by next_try_at, id limit $1 for update skip locked`,
      [BATCH],
    );
    const results = await Promise.all(rows.map((row) => send(webhooks, row)));
    for (const [index, { outcome, problem }] of results.entries()) {
      const { id, tries } = rows[index];
      // Later each time, up to 15 s, so that rows that cannot go now do not delay those behind them.
      const waitSeconds = Math.min(2 ** tries, 15);
      await db.query(
        `update webhook_outbox set outcome = $2, problem = $3, tries = tries + 1,
           next_try_at = clock_timestamp() + make_interval(secs => $4) where id = $1`,
        [id, outcome, problem, waitSeconds],
      );
    }
    return rows.length === BATCH;
  });
}

/** Codes of reports that can never be accepted, however often they are made. */
const NEVER_ACCEPTED = new Set(['invalid_input', 'input_too_large', 'id_of_another_account']);

/**
 * Makes one report. Only a report that can never be accepted is broken. Every other error passes with time: Temporal
 * is down, or an operator has to fix something first (a missing namespace, missing search attributes, a missing key).
 * So nobody has to restore rows by hand afterwards.
 *
 * A row that was reported before is done, if the run has the same data: then only the tick was lost. If the run has
 * other data, nobody has read this report. The row says so, and a person decides.
 * @param {WebhookClient} webhooks
 * @param {{ id: string, kind: Report['kind'], report: any }} row
 * @returns {Promise<{ outcome: string | null, problem: string | null }>}
 */
async function send(webhooks, { id, kind, report }) {
  try {
    const handle = await (kind === 'call_ended' ? webhooks.callEnded(report) : webhooks.campaignEvent(report));
    if (handle === undefined) return { outcome: 'not_subscribed', problem: null };
    if (handle.reportedDifferently !== undefined) {
      return { outcome: 'reported_differently', problem: handle.reportedDifferently };
    }
    return { outcome: handle.alreadyReported ? 'reported_before' : 'started', problem: null };
  } catch (/** @type {any} */ error) {
    console.error(`outbox: row ${id}: ${error.message}`);
    return { outcome: NEVER_ACCEPTED.has(error.code) ? 'broken' : null, problem: error.message };
  }
}
